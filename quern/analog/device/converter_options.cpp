#include "quern/analog/device/converter_options.h"

#include "quern/analog/device/option_fields_impl.h"

namespace quern::analog {
namespace {

std::vector<Field<Converter>> converter_fields() {
  using C = Converter;
  return {
      field("perfect", &C::perfect, "floats in and out: nothing of what follows"),
      field("input_bound", &C::input_bound, "largest input"),
      field("input_resolution", &C::input_resolution, "of the converter at the inputs; 0: none",
            "of 2 bounds"),
      field("output_bound", &C::output_bound, "largest output"),
      field("output_resolution", &C::output_resolution, "of the converter at the outputs; 0: none",
            "of 2 bounds"),
      field("output_noise", &C::output_noise, "standard deviation before the converter at the outputs"),
      field("read_noise", &C::read_noise, "standard deviation of a weight, drawn for every read", "weight"),
      field("noise_management", &C::noise_management, "divide the inputs by the largest of them"),
      field("bound_management", &C::bound_management,
            "read again with the inputs halved while an output clips"),
      field("bound_management_rounds", &C::bound_management_rounds, "at most so many halvings"),
      field("bound_management_resolution", &C::bound_management_resolution,
            "nor any more once a step of the input converter is above this share of the halved inputs"),
  };
}

}  // namespace

void append_converter_options(run::OptionTable& table, const std::string& prefix, const Converter& defaults,
                              const std::string& source) {
  append_fields(table, prefix, converter_fields(), defaults, source);
}

Converter read_converter(const run::Config& config, const std::string& prefix) {
  Converter converter;
  read_fields(config, prefix, converter_fields(), converter);
  check(converter, prefix.substr(0, prefix.size() - 1));
  return converter;
}

}  // namespace quern::analog
