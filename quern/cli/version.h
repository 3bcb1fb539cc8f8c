#pragma once
#include <string>

namespace quern::cli {

std::string program_version();  // "0.1.0"
std::string build_commit();     // short hash, with "-dirty" when the tree had changes; "unknown" outside git

}  // namespace quern::cli
