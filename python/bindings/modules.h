#pragma once
// The parts of the module quern._quern.

#include <nanobind/nanobind.h>

namespace quern::python {

void bind_analog_fit(nanobind::module_& m);
void bind_analog_run(nanobind::module_& m);
void bind_analog_tile(nanobind::module_& m);
void bind_evolution(nanobind::module_& m);
void bind_vector(nanobind::module_& m);

}  // namespace quern::python
