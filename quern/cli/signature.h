#pragma once
// One hash over small fixed workloads of every part: equal on every machine, thread count and build type.

#include <string>

namespace quern::cli {

std::string compute_signature();   // eight hex digits
std::string expected_signature();  // of this version; a commit that changes it says so

}  // namespace quern::cli
