// quern analog: trains a network in simulated analog memory.
#include "quern/cli/analog.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <utility>

#include "quern/analog/network/options.h"
#include "quern/analog/network/recorded_run.h"
#include "quern/base/error.h"
#include "quern/base/text.h"
#include "quern/cli/command.h"
#include "quern/cli/evolve_run.h"
#include "quern/cli/interrupt.h"
#include "quern/cli/terminal.h"
#include "quern/cli/version.h"

namespace quern::cli {
namespace {

constexpr int kExitInterrupted = 130;

struct Arguments {
  std::string config;
  std::vector<std::string> assignments;
  std::string runs = default_runs_folder().string();
  bool dry_run = false;
  bool list_options = false;
};

std::size_t num_tiles(const analog::Network& network) {
  std::size_t count = 0;
  for (const analog::Layer& layer : network.layers) count += layer.matrix.tiles.size();
  return count;
}

void print_summary(const run::Config& config, const std::string& where, const analog::DataSet& data) {
  const analog::NetworkSettings settings = analog::network_settings(config, data);
  const analog::Network network = analog::make_network(settings);
  const analog::TrainSettings training = analog::train_settings(config);
  const std::string& kind = config.get_string("tile.kind");
  say("run      {}   (seed {}, commit {})\n", where, config.get_int("seed"), build_commit());
  say("data     {}: {} training and {} test samples\n", data.name, data.train.size(), data.test.size());
  say("network  {}, {}, {} synapses\n", fmt::join(settings.sizes, "-"),
      config.get_string("network.activation"),
      base::format_count(static_cast<double>(analog::num_synapses(network))));
  say("tiles    {} of kind {}{}\n", num_tiles(network), kind,
      kind == "rpu" || kind == "tiki-taka" ? ", devices " + config.get_string("device.preset") : "");
  say("training {} epochs, learning rate {}, times {} every {} epochs   config: {} keys differ from their "
      "defaults\n",
      training.epochs, training.learning_rate, training.decay, training.decay_every,
      config.changed_keys().size());
}

/// What a run says on the terminal.
analog::RunEvents lines_of(ProgressLine& line) {
  return {
      .on_epoch =
          [&line](const analog::EpochReport& report, const analog::RunProgress& progress) {
            line.keep(describe(report, progress), report.epoch == 1 || report.epoch == progress.epochs);
          },
      .on_progress = [&line](const analog::RunProgress& progress) { line.update(describe(progress)); },
  };
}

int train_run(run::RunDirectory& run, const run::Config& config, const analog::DataSet& data,
              analog::SavedState saved) {
  Interrupt::install();
  analog::RunResult result;
  {
    ProgressLine line(base::system_clock());
    result = analog::train_recorded(run, config, data, std::move(saved), lines_of(line), Interrupt::stop(),
                                    base::system_clock());
  }
  const std::string name = run_name(run);
  if (!result.finished) {
    say("saved    {} whole epochs and what followed in {}\nnext     quern resume {}\n", result.epochs,
        run.path().string(), name);
    return kExitInterrupted;
  }
  say("finished {} epochs in {}: {} of {} test samples are right, {}\nnext     quern eval {}\n",
      result.epochs, base::format_duration(result.seconds), result.test.correct, result.test.samples,
      describe_accuracy(result.test), name);
  return 0;
}

analog::DataSet load_data(const run::Config& config) {
  return analog::load_data_set(analog::data_settings(config, default_data_folder()));
}

int analog_command(const Arguments& arguments, const Context& context) {
  const run::Config config = analog::read_config([&](run::Config& read) {
    if (!arguments.config.empty()) analog::load_config_file(read, arguments.config);
    for (const std::string& assignment : arguments.assignments) read.set(assignment);
  });
  if (arguments.list_options) {
    print_options(config.table());
    return 0;
  }
  const analog::DataSet data = load_data(config);
  if (arguments.dry_run) {
    print_summary(config, "(dry run: nothing is written)", data);
    return 0;
  }
  (void)analog::network_settings(config, data);  // what is wrong with it is said before a run is made
  run::RunDirectory run = create_run("analog", data.name, config, arguments.runs, context);
  print_summary(config, run.path().string(), data);
  run.take();
  return train_run(run, config, data, analog::begin_or_read_newest(run, config, data));
}

}  // namespace

std::filesystem::path default_data_folder() {
  const char* folder = std::getenv("QUERN_DATA");
  return folder != nullptr && *folder != '\0' ? folder : "data";
}

int resume_analog(run::RunDirectory& run, int) {
  run.take();
  const run::Config config = analog::config_of(run);
  const analog::DataSet data = load_data(config);
  analog::SavedState saved = analog::begin_or_read_newest(run, config, data);  // before anything is changed
  run.truncate_metrics(saved.metrics_records);
  say("resume   {}   from {}\n", run.path().string(),
      run.checkpoints().empty() ? "the start" : run.checkpoints().back());
  return train_run(run, config, data, std::move(saved));
}

namespace {

struct Row {
  std::string weights;  // which
  analog::Score score;
  double seconds = 0;
  bool compensated = false;
};

struct Moment {
  std::string text;
  double seconds = 0;
};

/// "1h,1.5d": numbers with s, min, h, d or y, and commas between them.
std::vector<Moment> moments_of(const std::string& text) {
  constexpr std::pair<const char*, double> kUnits[] = {
      {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"y", 365.25 * 86400}};
  std::vector<Moment> moments;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    Moment moment{.text = text.substr(at, end - at)};
    double number = -1;
    const char* const last = moment.text.data() + moment.text.size();
    const auto [rest, fault] = std::from_chars(moment.text.data(), last, number);
    for (const auto& [unit, seconds] : kUnits)
      if (fault == std::errc{} && std::string_view(rest, last) == unit) moment.seconds = number * seconds;
    if (!(moment.seconds > 0 && moment.seconds < 1e12)) {
      throw base::UsageError(fmt::format("--after: '{}' is no time above 0", moment.text),
                             "write numbers with s, min, h, d or y, for example 1h,1d,1y");
    }
    moments.push_back(std::move(moment));
    at = end + 1;
  }
  return moments;
}

}  // namespace

int eval_analog(const run::RunDirectory& run, const EvalAnalog& arguments) {
  if (run.checkpoints().empty()) {
    throw base::Error(fmt::format("{}: no checkpoint yet", run.path().string()),
                      fmt::format("`quern resume {}` goes on with it", run_name(run)));
  }
  const run::Config config = analog::config_of(run);
  const analog::DataSet data = load_data(config);
  const analog::SavedState saved = analog::begin_or_read_newest(run, config, data);
  const std::vector<Moment> moments = moments_of(arguments.after);
  std::vector<Row> rows{{"as trained", analog::evaluate(saved.state.network, data.test)}};
  const auto add_row = [&](std::string name, double seconds, bool compensated) {
    const analog::Network then = analog::network_after(saved.state.network, seconds, compensated);
    rows.push_back({std::move(name), analog::evaluate(then, data.test), seconds, compensated});
  };
  if (!moments.empty()) add_row("just programmed", 0, false);  // what is lost before any drift
  for (const Moment& moment : moments) {
    add_row("after " + moment.text, moment.seconds, false);
    add_row(fmt::format("after {}, compensated", moment.text), moment.seconds, true);
  }
  const std::string checkpoint = run.checkpoints().back();
  if (arguments.json) {
    nlohmann::json all = {{"run", run.id()},
                          {"checkpoint", checkpoint},
                          {"data_set", data.name},
                          {"epochs", saved.state.epoch},
                          {"test_samples", rows.front().score.samples},
                          {"test_accuracy", rows.front().score.accuracy()},
                          {"test_loss", rows.front().score.loss},
                          {"after", nlohmann::json::array()}};
    for (const Row& row : std::span(rows).subspan(1)) {
      all["after"].push_back({{"seconds", row.seconds},
                              {"compensated", row.compensated},
                              {"test_accuracy", row.score.accuracy()},
                              {"test_loss", row.score.loss}});
    }
    fmt::print("{}\n", all.dump(2));
    return 0;
  }
  fmt::print("{} on {}, after {} epochs\n{:<24} {:>10} {:>10}\n", checkpoint, data.name, saved.state.epoch,
             "weights", "accuracy", "loss");
  for (const Row& row : rows)
    fmt::print("{:<24} {:>10} {:>10.4f}\n", row.weights, describe_accuracy(row.score), row.score.loss);
  return 0;
}

void add_analog(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("analog", "Train a network in simulated analog memory");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("CONFIG", arguments->config,
                      "TOML file with keys of --list-options (default: the digits that are built in)");
  command->add_option("--set", arguments->assignments, "key=value, over the file; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--runs", arguments->runs, "folder of run directories (or $QUERN_RUNS)")
      ->capture_default_str();
  command->add_flag("--dry-run", arguments->dry_run, "show what would run");
  command->add_flag("--list-options", arguments->list_options,
                    "every key of the kind of tile and its devices, with default, unit, meaning and source");
  command->footer("Example:\n  quern analog configs/analog/mnist_rpu.toml --set epochs=3");
  command->callback([arguments, &context] { context.exit_code = analog_command(*arguments, context); });
}

}  // namespace quern::cli
