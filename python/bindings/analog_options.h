#pragma once
// Options of analog memory as Python gives and takes them.

#include <nanobind/nanobind.h>

#include <string>
#include <vector>

#include "quern/base/error.h"
#include "quern/run/options.h"

namespace quern::python {

/// "key=value" as with --set.
using Assignments = std::vector<std::string>;

/// A value of a configuration: bool, int, float or str.
nanobind::object to_object(const run::OptionValue& value);

/// Key and value of each option, in the order of the table.
nanobind::dict to_dict(const run::Config& config);

/// What is wrong with an option is a ValueError, be it the number of an impossible device.
template <typename Call>
auto checked_options(const Call& call) {
  try {
    return call();
  } catch (const base::UsageError&) {
    throw;
  } catch (const base::Error& error) {
    throw base::UsageError(error.what(), error.hint());
  }
}

}  // namespace quern::python
