// The engine of quern.analog.Tile, and the tables of options.

#include "quern/analog/network/single_tile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <map>
#include <mutex>
#include <type_traits>

#include "python/bindings/analog_options.h"
#include "python/bindings/arrays.h"
#include "python/bindings/modules.h"
#include "quern/analog/network/device_parameters.h"
#include "quern/analog/network/options.h"
#include "quern/analog/network/tile_arrays.h"
#include "quern/analog/tile/presets.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace quern::python {

nb::object to_object(const run::OptionValue& value) {
  return std::visit([](const auto& one) -> nb::object { return nb::cast(one); }, value);
}

nb::dict to_dict(const run::Config& config) {
  nb::dict dict;
  for (const run::Option& option : config.table()) {
    const nb::str key(option.key.c_str());
    if (std::holds_alternative<bool>(option.default_value)) dict[key] = config.get_bool(option.key);
    if (std::holds_alternative<std::int64_t>(option.default_value)) dict[key] = config.get_int(option.key);
    if (std::holds_alternative<double>(option.default_value)) dict[key] = config.get_double(option.key);
    if (std::holds_alternative<std::string>(option.default_value)) dict[key] = config.get_string(option.key);
  }
  return dict;
}

namespace {

using Values = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;

std::string shape_text(const Values& values) {
  std::vector<std::size_t> shape;
  for (std::size_t i = 0; i < values.ndim(); ++i) shape.push_back(values.shape(i));
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

/// An argument as float32 in C order, without a copy where it is that; else TypeError.
Values floats(const nb::object& argument, const char* name) {
  Values values;
  if (nb::try_cast(argument, values) && values.dtype() == nb::dtype<float>()) return values;
  const nb::str got = nb::hasattr(argument, "dtype") ? nb::str(nb::getattr(argument, "dtype"))
                                                     : nb::str(argument.type().attr("__name__"));
  throw nb::type_error(
      fmt::format("{0} must be a float32 array, got {1}; numpy.asarray({0}, numpy.float32) makes one", name,
                  got.c_str())
          .c_str());
}

/// Vectors of one length: [line] or [rows, line].
struct Lines {
  Values values;
  std::size_t rows = 0;

  [[nodiscard]] bool one() const noexcept { return values.ndim() == 1; }
  [[nodiscard]] std::span<const float> span() const noexcept {
    return {static_cast<const float*>(values.data()), values.size()};
  }
  /// Of an array with a vector of this length for each of them.
  [[nodiscard]] Shape shape_of(std::size_t line) const { return one() ? Shape{line} : Shape{rows, line}; }
};

Lines lines(const nb::object& argument, const char* name, std::size_t line) {
  Values values = floats(argument, name);
  const std::size_t axes = values.ndim();
  if ((axes != 1 && axes != 2) || values.shape(axes - 1) != line) {
    throw nb::value_error(
        fmt::format("{0} must be [{1}] or [n, {1}], got {2}", name, line, shape_text(values)).c_str());
  }
  return {.values = values, .rows = axes == 1 ? 1 : values.shape(0)};
}

template <typename T>
nb::object matrix(const std::vector<T>& values, const analog::SingleTile& single) {
  return nb::cast(to_array<T>(values, {single.outputs, single.inputs}));
}

/// One call at a time, without the interpreter's lock.
class BoundTile {
 public:
  explicit BoundTile(analog::SingleTile single) : single_(std::move(single)) {}
  BoundTile(const Assignments& assignments, std::size_t outputs, std::size_t inputs, std::uint64_t seed)
      : single_(checked_options([&] {
          const nb::gil_scoped_release unlock;
          return analog::make_single_tile(analog::read_single_tile_config([&](run::Config& read) {
                                            for (const std::string& one : assignments) read.set(one);
                                          }),
                                          outputs, inputs, seed);
        })) {}

  // These three never change, so they need no lock.
  [[nodiscard]] std::size_t outputs() const noexcept { return single_.outputs; }
  [[nodiscard]] std::size_t inputs() const noexcept { return single_.inputs; }
  [[nodiscard]] const analog::SingleTile& fixed() const noexcept { return single_; }

  nb::object forward(const nb::object& argument) {
    const Lines x = lines(argument, "x", inputs());
    auto y = make_array<float>(x.shape_of(outputs()));
    unlocked([&](analog::SingleTile& tile) { analog::forward(tile, x.span(), {y.data(), y.size()}); });
    return nb::cast(y);
  }

  nb::object backward(const nb::object& argument) {
    const Lines d = lines(argument, "d", outputs());
    auto z = make_array<float>(d.shape_of(inputs()));
    unlocked([&](analog::SingleTile& tile) { analog::backward(tile, d.span(), {z.data(), z.size()}); });
    return nb::cast(z);
  }

  void update(const nb::object& x_argument, const nb::object& d_argument, float learning_rate) {
    const Lines x = lines(x_argument, "x", inputs()), d = lines(d_argument, "d", outputs());
    if (x.one() != d.one() || x.rows != d.rows) {
      throw nb::value_error(fmt::format("x and d must be as many vectors, got {} and {}",
                                        shape_text(x.values), shape_text(d.values))
                                .c_str());
    }
    unlocked([&](analog::SingleTile& tile) { analog::update(tile, x.span(), d.span(), learning_rate); });
  }

  nb::object weights() {
    return matrix(unlocked([](analog::SingleTile& tile) { return analog::weights(tile); }), single_);
  }

  void set_weights(const nb::object& argument) {
    const Values values = of_synapses(argument, "weights");
    unlocked([&](analog::SingleTile& tile) {
      analog::set_weights(tile, {static_cast<const float*>(values.data()), values.size()});
    });
  }

  void set_devices(const std::map<std::string, nb::object>& parameters) {
    std::vector<analog::DeviceValues> all;
    for (const auto& [name, argument] : parameters) {
      const Values values = of_synapses(argument, name.c_str());
      const auto* const first = static_cast<const float*>(values.data());
      all.push_back({.name = name, .unit = {}, .values = {first, first + values.size()}});
    }
    unlocked([&](analog::SingleTile& tile) { analog::set_devices(tile, std::move(all)); });
  }

  nb::object weights_after(double seconds, bool compensated) {
    return matrix(
        unlocked([&](analog::SingleTile& tile) { return analog::weights_after(tile, seconds, compensated); }),
        single_);
  }

  /// What list(tile) returns, by name.
  template <typename List>
  nb::dict arrays(const List& list) {
    nb::dict dict;
    for (const auto& one : unlocked([&](analog::SingleTile& tile) { return list(tile.tile); }))
      dict[one.name.c_str()] = matrix(one.values, single_);
    return dict;
  }

  nb::bytes state() {
    const std::vector<std::uint8_t> bytes =
        unlocked([](analog::SingleTile& tile) { return analog::encode(tile); });
    return nb::bytes(bytes.data(), bytes.size());
  }

  void restore(const nb::bytes& bytes) {
    analog::SingleTile saved = decode(bytes);
    if (saved.outputs != outputs() || saved.inputs != inputs() || saved.seed != single_.seed ||
        saved.config.to_toml() != single_.config.to_toml()) {
      throw nb::value_error("the state is that of a tile with another shape, seed or options");
    }
    unlocked([&](analog::SingleTile& tile) {
      tile.tile = std::move(saved.tile);
      tile.set_parameters = std::move(saved.set_parameters);
    });
  }

  static analog::SingleTile decode(const nb::bytes& bytes) {
    const std::span<const std::uint8_t> span(static_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    const nb::gil_scoped_release unlock;
    return checked_options([&] { return analog::decode_single_tile(span, "the state"); });
  }

  template <typename Call>
  std::invoke_result_t<Call, analog::SingleTile&> unlocked(const Call& call) {
    const nb::gil_scoped_release unlock;
    const std::scoped_lock lock(mutex_);
    return call(single_);
  }

 private:
  /// A number of each synapse: [outputs, inputs].
  [[nodiscard]] Values of_synapses(const nb::object& argument, const char* name) const {
    Values values = floats(argument, name);
    if (values.ndim() != 2 || values.shape(0) != outputs() || values.shape(1) != inputs()) {
      throw nb::value_error(
          fmt::format("{} must be [{}, {}], got {}", name, outputs(), inputs(), shape_text(values)).c_str());
    }
    return values;
  }

  analog::SingleTile single_;
  std::mutex mutex_;
};

/// A table as tuples: key, default, unit, help, source, choices.
nb::list rows_of(const run::OptionTable& table) {
  nb::list rows;
  for (const run::Option& option : table) {
    rows.append(nb::make_tuple(option.key, to_object(option.default_value), option.unit, option.help,
                               option.source, nb::tuple(nb::cast(option.choices))));
  }
  return rows;
}

run::Config config_of(const std::optional<std::string>& kind, const std::optional<std::string>& preset) {
  return analog::read_single_tile_config([&](run::Config& read) {
    if (kind) read.set("tile.kind=" + *kind);
    if (preset) read.set("device.preset=" + *preset);
  });
}

}  // namespace

void bind_analog_tile(nb::module_& m) {
  using Self = BoundTile;
  nb::class_<Self>(m, "Tile")
      .def(nb::init<const Assignments&, std::size_t, std::size_t, std::uint64_t>(), "assignments"_a,
           "outputs"_a, "inputs"_a, "seed"_a)
      .def(
          "__init__", [](Self* self, const nb::bytes& state) { new (self) Self(Self::decode(state)); },
          "state"_a)
      .def_prop_ro("outputs", &Self::outputs)
      .def_prop_ro("inputs", &Self::inputs)
      .def_prop_ro("seed", [](const Self& s) { return s.fixed().seed; })
      .def_prop_ro("options", [](const Self& s) { return to_dict(s.fixed().config); })
      .def("forward", &Self::forward, "x"_a.none())
      .def("backward", &Self::backward, "d"_a.none())
      .def("update", &Self::update, "x"_a.none(), "d"_a.none(), "learning_rate"_a)
      .def("weights", &Self::weights)
      .def("set_weights", &Self::set_weights, "weights"_a.none())
      .def("set_devices", &Self::set_devices, "parameters"_a)
      .def("weights_after", &Self::weights_after, "seconds"_a, "compensated"_a)
      .def("parameters", [](Self& s) { return s.arrays(analog::device_parameters); })
      .def("contents", [](Self& s) { return s.arrays(analog::device_contents); })
      .def("pulse_counts", [](Self& s) { return s.arrays(analog::device_pulses); })
      .def("pulses",
           [](Self& s) {
             return s.unlocked([](analog::SingleTile& t) { return analog::pulse_sums(t.tile).pulses; });
           })
      .def("updates_until_transfer",
           [](Self& s) {
             return s.unlocked([](analog::SingleTile& t) { return analog::updates_until_transfer(t); });
           })
      .def("transfer", [](Self& s) { s.unlocked([](analog::SingleTile& t) { analog::transfer(t); }); })
      .def("state", &Self::state)
      .def("restore", &Self::restore, "state"_a);
  m.def("analog_kinds", analog::tile_kind_names);
  m.def("analog_presets", analog::tile_preset_names);
  m.def(
      "analog_preset",
      [](const std::optional<std::string>& kind, const std::optional<std::string>& preset) {
        return to_dict(config_of(kind, preset));
      },
      "kind"_a.none(), "preset"_a.none(), "Each key of a tile and its value.");
  m.def(
      "analog_options",
      [](const std::optional<std::string>& kind, const std::optional<std::string>& preset) {
        const run::Config config = config_of(kind, preset);  // checks both
        const auto with_preset = to_dict(config).contains("device.preset");
        return rows_of(analog::analog_options(config.get_string("tile.kind"),
                                              with_preset ? config.get_string("device.preset") : ""));
      },
      "kind"_a.none(), "preset"_a.none(), "The table of `quern analog --list-options`.");
}

}  // namespace quern::python
