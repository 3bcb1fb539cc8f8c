// quern device: devices of analog memory fitted to measured pulses, and pulses sampled from devices.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "quern/analog/fit/fit.h"
#include "quern/analog/network/options.h"
#include "quern/analog/tile/device_options.h"
#include "quern/analog/tile/presets.h"
#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/cli/command.h"
#include "quern/cli/terminal.h"
#include "quern/media/chart.h"

namespace quern::cli {
namespace {

struct FitArguments {
  std::string file, model, output, svg;
  std::vector<double> conductances, weights{-1, 1};
  std::optional<double> read_noise;
  bool json = false;
};

std::string quantity(const analog::DeviceFit& fit) {
  std::string text =
      fmt::format("{} devices, {} pulses up and {} down", fit.devices, fit.pulses_up, fit.pulses_down);
  if (fit.stuck_devices > 0) text += fmt::format("; {} more devices are stuck", fit.stuck_devices);
  return text;
}

std::string meaning_of_weights(const analog::DeviceFit& fit, bool chosen) {
  return fmt::format("conductance {:.6g} is weight {:g}, {:.6g} is {:g}{}", fit.conductances->low,
                     fit.weights.low, fit.conductances->high, fit.weights.high,
                     chosen ? "" : ": the mean smallest and largest reading of a device");
}

const analog::FittedParameter* find(const analog::ModelFit& model, const std::string& key) {
  const auto found = std::ranges::find(model.parameters, key, &analog::FittedParameter::key);
  return found == model.parameters.end() ? nullptr : &*found;
}

std::string with_error(const analog::FittedParameter& parameter) {
  return fmt::format("{:>11.5g} {}", parameter.value,
                     parameter.standard_error ? fmt::format("+- {:.2g}", *parameter.standard_error) : "");
}

void print_points(const analog::ModelFit& model) {
  const auto* table = std::get_if<analog::TableStep>(&model.device);
  if (table == nullptr) return;
  fmt::print("{:<24} {:<24} {}\n", "device.points: weight", "       step up", "     step down");
  for (std::size_t k = 0; k < table->points.size(); ++k) {
    const auto* up = find(model, fmt::format("points[{}].up", k));
    const auto* down = find(model, fmt::format("points[{}].down", k));
    if (up == nullptr || down == nullptr) continue;
    fmt::print("{:>24.5g} {:<24} {}\n", table->points[k].weight, with_error(*up), with_error(*down));
  }
}

void print_fit(const analog::DeviceFit& fit, const FitArguments& arguments) {
  fmt::print("pulses   {}\n", quantity(fit));
  fmt::print("         {} of them so near a bound that they tell nothing of steps\n", fit.clipped);
  if (fit.conductances) fmt::print("weights  {}\n", meaning_of_weights(fit, !arguments.conductances.empty()));
  const char* const origin = arguments.read_noise ? ", as given" : "";
  if (fit.read_noise_error) {
    fmt::print("reading  noise {:.4g} +- {:.2g} in weights, from changes that follow one another\n",
               fit.read_noise, *fit.read_noise_error);
  } else if (fit.read_noise > 0) {
    fmt::print("reading  noise {:.4g} in weights{}\n", fit.read_noise, origin);
  } else {
    fmt::print("reading  without noise{}\n", arguments.read_noise ? origin : ", as far as the pulses show");
  }
  fmt::print("\n{:<24} {:>12} {:>12}\n", "model", "AIC - least", "misfit");
  double least = fit.models.front().aic;
  for (const analog::ModelFit& model : fit.models) least = std::min(least, model.aic);
  for (const analog::ModelFit& model : fit.models)
    fmt::print("{:<24} {:>12.1f} {:>12.3f}{}\n", analog::model_name(model.device), model.aic - least,
               model.misfit, model.at_limit ? "  at the limit of its curves" : "");
  for (const analog::UnfittedModel& model : fit.unfitted)
    fmt::print("{:<24} not possible: {}\n", model.name, model.reason);
  fmt::print("A misfit of 1 is that of a model which describes the mean steps within their errors.\n");
  const analog::ModelFit& model = fit.models.front();
  fmt::print("\n{}\n", analog::model_name(model.device));
  for (const analog::FittedParameter& parameter : model.parameters)
    if (!parameter.key.starts_with("points["))
      fmt::print("{:<24} {}\n", "device." + parameter.key, with_error(parameter));
  print_points(model);
  fmt::print("\n");
  for (const std::string& doubt : model.doubts) fmt::print("note: {}\n", doubt);
}

nlohmann::json interval_json(const analog::Interval& interval) {
  return {interval.low, interval.high};
}

nlohmann::json fit_json(const analog::DeviceFit& fit, const FitArguments& arguments) {
  nlohmann::json json = {{"file", arguments.file},
                         {"devices", fit.devices},
                         {"stuck_devices", fit.stuck_devices},
                         {"pulses_up", fit.pulses_up},
                         {"pulses_down", fit.pulses_down},
                         {"pulses_near_bounds", fit.clipped},
                         {"read_noise", fit.read_noise},
                         {"read_noise_standard_error", nullptr},
                         {"conductances", nullptr},
                         {"weights", interval_json(fit.weights)},
                         {"models", nlohmann::json::array()},
                         {"unfitted", nlohmann::json::object()},
                         {"steps", nlohmann::json::array()},
                         {"config", analog::device_toml(fit.models.front().device)}};
  if (fit.read_noise_error) json["read_noise_standard_error"] = *fit.read_noise_error;
  if (fit.conductances) json["conductances"] = interval_json(*fit.conductances);
  for (const analog::ModelFit& model : fit.models) {
    nlohmann::json entry = {{"model", analog::model_name(model.device)},
                            {"aic", model.aic},
                            {"misfit", model.misfit},
                            {"at_limit", model.at_limit},
                            {"parameters", nlohmann::json::object()},
                            {"notes", model.doubts}};
    for (const analog::FittedParameter& parameter : model.parameters) {
      nlohmann::json& value = entry["parameters"][parameter.key];
      value = {{"value", parameter.value}, {"standard_error", nullptr}};
      if (parameter.standard_error) value["standard_error"] = *parameter.standard_error;
    }
    json["models"].push_back(std::move(entry));
  }
  for (const analog::UnfittedModel& model : fit.unfitted) json["unfitted"][model.name] = model.reason;
  for (const std::vector<analog::MeanStep>& steps : fit.steps)
    for (const analog::MeanStep& step : steps)
      json["steps"].push_back({{"weight", step.weight},
                               {"step", step.step},
                               {"standard_error", step.standard_error},
                               {"pulses", step.pulses}});
  return json;
}

/// Mean steps against the weight, measured and of the model.
std::string draw_fit(const analog::DeviceFit& fit) {
  const analog::Device& device = fit.models.front().device;
  media::LineChart chart{.title = fmt::format("Mean change by a pulse, {}", analog::model_name(device)),
                         .x_label = "weight",
                         .y_label = "change of the weight",
                         .series = {}};
  for (const bool up : {true, false}) {
    const std::string direction = up ? "up" : "down";
    media::Series measured{.label = direction + ", measured", .x = {}, .y = {}},
        fitted{.label = direction + ", fitted", .x = {}, .y = {}, .dashed = true};
    for (const analog::MeanStep& step : fit.steps[up ? 0 : 1]) {
      measured.x.push_back(step.weight);
      measured.y.push_back(step.step);
      fitted.x.push_back(step.weight);
      fitted.y.push_back(analog::mean_step(device, step.weight, up));
    }
    chart.series.push_back(std::move(measured));
    chart.series.push_back(std::move(fitted));
  }
  return media::draw(chart);
}

/// Lines of a TOML file that nothing reads. Names of files may hold what no TOML may.
std::string comment(const std::string& text) {
  const nlohmann::json json = text;
  std::string line = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  line = "# " + line.substr(1, line.size() - 2) + "\n";
  std::ranges::replace(line, '\x7f', ' ');
  return line;
}

std::string config_of(const analog::DeviceFit& fit, const FitArguments& arguments) {
  const analog::ModelFit& model = fit.models.front();
  std::string text = comment(fmt::format("Fitted to {}: {}.", arguments.file, quantity(fit)));
  if (fit.conductances)
    text += comment("Weights: " + meaning_of_weights(fit, !arguments.conductances.empty()) + ".");
  for (const std::string& doubt : model.doubts) text += comment("Note: " + doubt + ".");
  return text + "\n" + analog::device_toml(model.device);
}

std::optional<analog::Interval> interval_of(const char* option, const std::vector<double>& numbers) {
  if (numbers.empty()) return std::nullopt;
  if (numbers.size() != 2)
    throw base::UsageError(fmt::format("{} takes two numbers, got {}", option, numbers.size()),
                           fmt::format("for example {} 0,1", option));
  return analog::Interval{numbers[0], numbers[1]};
}

/// The measurement may be all that there is of a chip.
void expect_other_file(const std::string& measured, const char* option, const std::string& written) {
  std::error_code none;  // a file that is not there is no other file's
  if (!written.empty() && std::filesystem::equivalent(measured, written, none))
    throw base::UsageError(fmt::format("{} would write over {}, the measured pulses", option, measured),
                           fmt::format("give {} another file", option));
}

int fit_command(const FitArguments& arguments) {
  expect_other_file(arguments.file, "--output", arguments.output);
  expect_other_file(arguments.file, "--svg", arguments.svg);
  analog::FitOptions options{.model = arguments.model,
                             .read_noise = arguments.read_noise,
                             .conductances = interval_of("--conductances", arguments.conductances)};
  if (const auto weights = interval_of("--weights", arguments.weights)) options.weights = *weights;
  const analog::DeviceFit fit = analog::fit_devices(analog::read_pulses(arguments.file), options);
  if (!arguments.output.empty()) base::write_file_atomically(arguments.output, config_of(fit, arguments));
  if (!arguments.svg.empty()) base::write_file_atomically(arguments.svg, draw_fit(fit));
  if (arguments.json) {
    fmt::print("{}\n",
               fit_json(fit, arguments).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    print_fit(fit, arguments);
  }
  if (arguments.output.empty()) {
    say("next     the same with -o device.toml, then quern analog device.toml\n");
  } else {
    say("next     quern analog {}\n", arguments.output);
  }
  return 0;
}

struct SampleArguments {
  std::string device, output;
  std::vector<std::string> assignments;
  analog::SampleOptions options;
};

int sample_command(const SampleArguments& arguments) {
  const bool file = arguments.device.ends_with(".toml");
  analog::Device device = analog::ConstantStep{};
  if (!file && arguments.assignments.empty()) {
    device = analog::device_preset(arguments.device);
  } else {
    const run::Config config = analog::read_config([&](run::Config& read) {
      if (file) {
        read.load_file(arguments.device);
      } else {
        // Configurations know the device pcm in pairs alone.
        read.set("device.preset=" + (arguments.device == "pcm" ? "pcm_pair" : arguments.device));
      }
      for (const std::string& assignment : arguments.assignments) read.set(assignment);
    });
    device = analog::read_device(config);
  }
  const std::string csv = analog::encode_pulses(analog::sample_pulses(device, arguments.options));
  if (arguments.output.empty()) {
    fmt::print("{}", csv);
  } else {
    base::write_file_atomically(arguments.output, csv);
    say("next     quern device fit {}\n", arguments.output);
  }
  return 0;
}

void add_fit(CLI::App& device, Context& context) {
  CLI::App* command = device.add_subcommand("fit", "Fit models of devices to a CSV file of measured pulses");
  const auto arguments = std::make_shared<FitArguments>();
  command
      ->add_option("FILE", arguments->file,
                   "CSV: direction (of the pulse before: up, down, none), weight or conductance, and device")
      ->required();
  command->add_option("--model", arguments->model,
                      "comes first: constant-step, linear-step, soft-bounds, exponential-step or table-step "
                      "(default: the best)");
  command
      ->add_option("--conductances", arguments->conductances,
                   "the two conductances that stand for --weights (default: the mean smallest and largest)")
      ->delimiter(',');
  command->add_option("--weights", arguments->weights, "what these stand for (default: -1,1)")
      ->delimiter(',');
  command->add_option("--read-noise", arguments->read_noise,
                      "standard deviation of a reading, in units of the file (default: estimated)");
  command->add_option("-o,--output", arguments->output,
                      "write the device.* keys for quern analog to this file");
  command->add_option("--svg", arguments->svg, "file for a picture of the steps, measured and fitted");
  command->add_flag("--json", arguments->json, "machine-readable output");
  command->footer("Example:\n  quern device fit measured.csv --weights 0,1 -o device.toml");
  command->callback([arguments, &context] { context.exit_code = fit_command(*arguments); });
}

void add_sample(CLI::App& device, Context& context) {
  CLI::App* command = device.add_subcommand(
      "sample", "Pulses of simulated devices, as a CSV file that quern device fit reads");
  const auto arguments = std::make_shared<SampleArguments>();
  command->add_option("DEVICE", arguments->device, "a device preset, or a TOML file with device.* keys")
      ->required();
  command->add_option("--set", arguments->assignments, "key=value, over the preset; may be repeated")
      ->allow_extra_args(false);
  analog::SampleOptions& options = arguments->options;
  command->add_option("--devices", options.devices, "number of devices")->capture_default_str();
  command->add_option("--ramps", options.ramps, "ramps up and down in turn")->capture_default_str();
  command
      ->add_option("--pulses", options.ramp_pulses,
                   "pulses of a ramp; 0: three times as many as from bound to bound")
      ->capture_default_str();
  command->add_option("--read-noise", options.read_noise, "standard deviation of a reading, in weights")
      ->capture_default_str();
  command->add_option("--seed", options.seed, "same seed, same pulses")->capture_default_str();
  command->add_option("-o,--output", arguments->output, "file (default: standard output)");
  command->footer("Example:\n  quern device sample ecram_like --devices 20 -o pulses.csv");
  command->callback([arguments, &context] { context.exit_code = sample_command(*arguments); });
}

}  // namespace

void add_device(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("device", "Devices of analog memory from measured pulses");
  command->require_subcommand(1);
  command->footer("Example:\n  quern device fit measured.csv -o device.toml");
  add_fit(*command, context);
  add_sample(*command, context);
}

}  // namespace quern::cli
