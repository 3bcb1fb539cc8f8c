#pragma once
// The converters of one direction as options.

#include <string>

#include "quern/analog/device/converter.h"
#include "quern/run/options.h"

namespace quern::analog {

/// Rows `prefix`perfect, `prefix`input_bound, ...; the prefix is "forward." or "backward.".
void append_converter_options(run::OptionTable& table, const std::string& prefix, const Converter& defaults,
                              const std::string& source);

/// Throws base::Error for a converter that cannot be.
Converter read_converter(const run::Config& config, const std::string& prefix);

}  // namespace quern::analog
