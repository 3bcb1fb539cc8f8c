#include "quern/analog/tile/device_options.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "quern/analog/device/converter_options.h"
#include "quern/analog/device/option_fields_impl.h"
#include "quern/analog/tile/presets.h"
#include "quern/base/error.h"

namespace quern::analog {
namespace {

constexpr const char* kRpu = "Gokmen, Vlasov 2016, as in aihwkit";

std::vector<Field<PulsedDevice>> pulsed_fields() {
  using D = PulsedDevice;
  return {
      field("step", &D::step, "mean change of a weight by one pulse, at weight 0", "weight"),
      field("step_d2d", &D::step_d2d, "spread of step from device to device", "of step"),
      field("step_c2c", &D::step_c2c, "spread of a step from pulse to pulse", "of step"),
      field("up_down", &D::up_down, "above 0: steps down are smaller by this; below 0: steps up are",
            "of step"),
      field("up_down_d2d", &D::up_down_d2d, "spread of the difference of steps up and down, device to device",
            "of step"),
      field("w_max", &D::w_max, "mean upper bound of a weight", "weight"),
      field("w_max_d2d", &D::w_max_d2d, "spread of the upper bound from device to device", "of w_max"),
      field("w_min", &D::w_min, "mean lower bound of a weight", "weight"),
      field("w_min_d2d", &D::w_min_d2d, "spread of the lower bound from device to device", "of w_min"),
      field("lifetime", &D::lifetime, "until a weight has leaked to 1/e; 0: it does not leak", "updates"),
      field("lifetime_d2d", &D::lifetime_d2d, "spread of the lifetime from device to device", "of lifetime"),
      field("stuck_probability", &D::stuck_probability, "of a device that stays at one weight"),
  };
}

const std::vector<std::string> kNoiseNames = {"of-step", "of-step-at-zero"};
constexpr const char* kNoiseHelp = "what step_c2c is a fraction of";

std::vector<Field<LinearStep>> linear_fields() {
  using D = LinearStep;
  return {
      field("gamma_up", &D::gamma_up, "share of the step up that is lost at w_max"),
      field("gamma_down", &D::gamma_down, "share of the step down that is lost at w_min"),
      field("gamma_up_d2d", &D::gamma_up_d2d, "spread of gamma_up from device to device, absolute"),
      field("gamma_down_d2d", &D::gamma_down_d2d, "spread of gamma_down from device to device, absolute"),
      field("own_bounds", &D::own_bounds, "losses by the bounds of each device instead of the mean bounds"),
      choice("noise", &D::noise, kNoiseNames, kNoiseHelp),
  };
}

std::vector<Field<SoftBounds>> soft_bounds_fields() {
  return {choice("noise", &SoftBounds::noise, kNoiseNames, kNoiseHelp)};
}

std::vector<Field<ExponentialStep>> exponential_fields() {
  using D = ExponentialStep;
  constexpr const char* kFormula =
      "of step * max(0, 1 - factor exp(+-gamma z)), z = 2 a w / (w_max - w_min) + b";
  return {
      field("a", &D::a, kFormula),
      field("b", &D::b, kFormula),
      field("factor_up", &D::factor_up, kFormula),
      field("factor_down", &D::factor_down, kFormula),
      field("gamma_up", &D::gamma_up, kFormula),
      field("gamma_down", &D::gamma_down, kFormula),
      field("noise_add", &D::noise_add, "of the spread step_c2c * (step + noise_add + noise_slope |w|)",
            "weight"),
      field("noise_slope", &D::noise_slope, "of the spread step_c2c * (step + noise_add + noise_slope |w|)"),
  };
}

std::string text_of(const std::vector<MeasuredStep>& points) {
  std::string text;
  for (const MeasuredStep& point : points)
    text += fmt::format("{}{}:{}:{}", text.empty() ? "" : " ", point.weight, point.up, point.down);
  return text;
}

/// What text_of writes.
std::vector<MeasuredStep> points_of(const std::string& text) {
  std::vector<MeasuredStep> points;
  const char *at = text.data(), *const end = at + text.size();
  const auto skip_blanks = [&] {
    while (at < end && *at == ' ') ++at;
  };
  for (skip_blanks(); at < end; skip_blanks()) {
    MeasuredStep point;
    bool fits = true;
    for (const auto& [number, follows] :
         {std::pair{&point.weight, ':'}, {&point.up, ':'}, {&point.down, ' '}}) {
      const auto [rest, fault] = std::from_chars(at, end, *number);
      fits = fits && fault == std::errc{} && (rest < end ? *rest == follows : follows == ' ');
      if (!fits) break;
      at = rest < end ? rest + 1 : end;
    }
    if (!fits) {
      throw base::UsageError(fmt::format("device.points: point {} is not a weight, a step up and a step down",
                                         points.size() + 1),
                             "write weight:up:down for each point and blanks between them, for example "
                             "'-0.6:0.001:0.001 0.6:0.001:0.001'");
    }
    points.push_back(point);
  }
  return points;
}

std::vector<Field<TableStep>> table_fields() {
  return {
      {.option = {.key = "points",
                  .default_value = std::string(),
                  .help = "weight:up:down for each point: the mean steps at a weight, linear between points",
                  .source = {}},
       .value_of = [](const TableStep& table) -> run::OptionValue { return text_of(table.points); },
       .read = [](TableStep& table, const run::Config& config,
                  const std::string& of) { table.points = points_of(config.get_string(of)); }}};
}

std::vector<Field<PulseOptions>> pulse_fields() {
  using P = PulseOptions;
  return {
      choice("kind", &P::kind, {"stochastic", "deterministic"}, "how lines get their pulses"),
      field("train_length", &P::train_length,
            "slots of a train of pulses; with length management the most of them"),
      field("update_management", &P::update_management,
            "scale trains so that the largest input and the largest delta have the same probability"),
      field("train_length_management", &P::train_length_management,
            "as many slots as the largest product needs"),
  };
}

std::vector<Field<TileOptions>> tile_fields() {
  return {
      field("leak_interval", &TileOptions::leak_interval, "between two applications of the leak", "updates"),
      field("count_pulses", &TileOptions::count_pulses, "count the pulses of each device"),
  };
}

std::vector<Field<TikiTakaOptions>> tiki_taka_fields() {
  using T = TikiTakaOptions;
  return {
      choice("version", &T::version, {"1", "2"},
             "2: with a digital buffer between the fast tile and the slow one"),
      field("gamma", &T::gamma, "share of the fast tile in the weights"),
      field("fast_rate", &T::fast_rate, "rate of the updates of the fast tile"),
      field("scale_fast_rate", &T::scale_fast_rate, "fast_rate is times the learning rate"),
      field("auto_scale", &T::auto_scale,
            "fast_rate is also times train_length steps / the running means of the largest input and delta"),
      field("auto_momentum", &T::auto_momentum, "what of these means is kept in an update"),
      field("transfer_every", &T::transfer_every, "between two transfers", "updates"),
      field("reads_per_transfer", &T::reads_per_transfer, "in a transfer", "columns"),
      field("transfer_rate", &T::transfer_rate, "share of a column that is added to the slow tile"),
      field("scale_transfer_rate", &T::scale_transfer_rate, "transfer_rate is times the learning rate"),
      field("threshold", &T::threshold, "of version 2: what the buffer gathers for a pulse",
            "steps of the slow tile"),
      field("auto_granularity", &T::auto_granularity,
            "of version 2: above 0, threshold is times this / (inputs * transfer_every)"),
      field("momentum", &T::momentum, "of version 2: share of what was sent that stays in the buffer"),
      field("forget_buffer", &T::forget_buffer,
            "of version 2: what the buffer holds beyond the pulses sent is lost, but for momentum"),
      field("most_pulses", &T::most_pulses, "of version 2: of a synapse in one transfer at most", "pulses"),
  };
}

constexpr const char* kTikiTaka = "aihwkit's BufferedTransferCompound";
constexpr const char* kSymmetry = "tiki_taka.symmetry_reference";
constexpr const char* kSlowSymmetry = "tiki_taka.slow_symmetry_reference";

/// A symmetry point that a reference can hold: tile.h.
bool has_symmetry_point(const Device& device) {
  return std::holds_alternative<LinearStep>(device) || std::holds_alternative<SoftBounds>(device);
}

std::vector<Field<TileOptions>> pair_fields() {
  return {
      field("refresh_at", &TileOptions::refresh_at,
            "share of its bound above which a device makes its pair be set anew"),
      field("refresh_interval", &TileOptions::refresh_interval, "between two looks at all pairs", "updates"),
  };
}

/// Calls visit(fields, model) for the fields of the model's own.
template <typename AnyDevice, typename Visit>
void visit_model(AnyDevice& device, const Visit& visit) {
  if (auto* linear = std::get_if<LinearStep>(&device)) visit(linear_fields(), *linear);
  if (auto* soft = std::get_if<SoftBounds>(&device)) visit(soft_bounds_fields(), *soft);
  if (auto* exponential = std::get_if<ExponentialStep>(&device)) visit(exponential_fields(), *exponential);
  if (auto* table = std::get_if<TableStep>(&device)) visit(table_fields(), *table);
}

void append_device_options(run::OptionTable& table, const Device& device, const std::string& source) {
  append_fields(table, "device.", pulsed_fields(), pulsed(device), source);
  visit_model(device, [&](const auto& fields, const auto& model) {
    append_fields(table, "device.", fields, model, source);
  });
}

}  // namespace

void append_tile_options(run::OptionTable& table, const std::string& preset) {
  const TileOptions defaults = tile_preset(preset);
  const std::string of_preset = fmt::format("device preset {}", preset);
  append_fields(table, "tile.", tile_fields(), defaults, "ours");
  if (defaults.pair) append_fields(table, "tile.", pair_fields(), defaults, "UNVERIFIED");
  append_device_options(table, defaults.device, of_preset);
  append_fields(table, "pulses.", pulse_fields(), defaults.pulses, kRpu);
  append_converter_options(table, "forward.", defaults.forward, kRpu);
  append_converter_options(table, "backward.", defaults.backward, kRpu);
}

std::string device_toml(const Device& device) {
  const std::string model(model_name(device));
  run::OptionTable table{
      {.key = "device.preset", .default_value = model, .help = "the model alone; its numbers follow"}};
  append_device_options(table, device_preset(model), "device preset " + model);
  run::OptionTable values;
  append_device_options(values, device, {});
  run::Config config(std::move(table));
  for (const run::Option& value : values) config.set_value(value.key, value.default_value);
  return config.to_toml();
}

TileOptions read_tile_options(const run::Config& config) {
  TileOptions options = tile_preset(config.get_string("device.preset"));
  read_fields(config, "tile.", tile_fields(), options);
  if (options.pair) read_fields(config, "tile.", pair_fields(), options);
  read_fields(config, "device.", pulsed_fields(), pulsed(options.device));
  visit_model(options.device,
              [&](const auto& fields, auto& model) { read_fields(config, "device.", fields, model); });
  read_fields(config, "pulses.", pulse_fields(), options.pulses);
  options.forward = read_converter(config, "forward.");
  options.backward = read_converter(config, "backward.");
  check(options.device);
  check(options.pulses);
  return options;
}

Device read_device(const run::Config& config) {
  const std::string& kind = config.get_string("tile.kind");
  if (kind != "rpu" && kind != "tiki-taka")
    throw base::UsageError(fmt::format("tiles of kind {} have no device.* keys", kind),
                           "choose tile.kind rpu");
  return read_tile_options(config).device;
}

void append_tiki_taka_options(run::OptionTable& table, const std::string& preset) {
  append_fields(table, "tiki_taka.", tiki_taka_fields(), TikiTakaOptions{}, kTikiTaka);
  table.push_back({.key = kSymmetry,
                   .default_value = has_symmetry_point(tile_preset(preset).device),
                   .help = "weights of the fast tile count from each device's symmetry point",
                   .source = "Gokmen, Haensch 2020"});
  table.push_back({.key = kSlowSymmetry,
                   .default_value = false,
                   .help = "the same of the slow tile",
                   .source = "ours; true in aihwkit's presets of soft bounds"});
  append_tile_options(table, preset);
}

TikiTakaOptions read_tiki_taka_options(const run::Config& config) {
  TikiTakaOptions options;
  read_fields(config, "tiki_taka.", tiki_taka_fields(), options);
  options.fast = options.slow = read_tile_options(config);
  options.fast.symmetry_reference = config.get_bool(kSymmetry);
  options.slow.symmetry_reference = config.get_bool(kSlowSymmetry);
  return options;
}

}  // namespace quern::analog
