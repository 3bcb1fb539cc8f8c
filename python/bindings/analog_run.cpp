// quern.analog.run, and quern.resume of such a run.

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/bindings/analog_options.h"
#include "python/bindings/arrays.h"
#include "python/bindings/interruptible.h"
#include "python/bindings/modules.h"
#include "quern/analog/network/options.h"
#include "quern/analog/network/recorded_run.h"
#include "quern_version.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace quern::python {
namespace {

nb::dict to_dict(const analog::EpochReport& report, const analog::RunProgress& progress) {
  nb::dict dict;
  dict["epoch"] = report.epoch;
  dict["epochs"] = progress.epochs;
  dict["samples"] = report.samples;
  dict["learning_rate"] = report.learning_rate;
  dict["train_loss"] = report.train_loss;
  dict["train_accuracy"] = report.train_accuracy;
  dict["test_loss"] = report.test.loss;
  dict["test_accuracy"] = report.test.accuracy();
  dict["fraction_done"] = progress.fraction_done;
  dict["samples_per_s"] = progress.samples_per_s;
  dict["seconds_left"] = progress.seconds_left;
  return dict;
}

analog::DataSet load_data(const run::Config& config, const std::filesystem::path& data_folder) {
  const nb::gil_scoped_release unlocked;
  return analog::load_data_set(analog::data_settings(config, data_folder));
}

/// What run trains on: float32 [n, features] and int64 [n] of the training samples, then of the test samples.
nb::tuple analog_data(const Assignments& assignments, const std::filesystem::path& data_folder) {
  const analog::DataSet data = load_data(analog::read_config([&](run::Config& read) {
                                           for (const std::string& one : assignments) read.set(one);
                                         }),
                                         data_folder);
  const auto values = [](const analog::Samples& samples) {
    auto array = make_array<float>({samples.size(), samples.features});
    for (std::size_t i = 0; i < samples.size(); ++i)
      analog::copy_sample(samples, i, {array.data() + i * samples.features, samples.features});
    return array;
  };
  return nb::make_tuple(values(data.train), to_array<std::int64_t>(data.train.labels), values(data.test),
                        to_array<std::int64_t>(data.test.labels));
}

/// Trains without the interpreter's lock; see interruptible.h. An exception of the callback ends the training
/// at once and is raised when all that is done is saved.
nb::dict train(run::RunDirectory& run, const run::Config& config, const analog::DataSet& data,
               analog::SavedState saved, const nb::object& on_epoch) {
  Interruptible python;
  const analog::RunEvents events{
      .on_epoch =
          [&](const analog::EpochReport& report, const analog::RunProgress& progress) {
            python.with_lock([&] {
              if (!on_epoch.is_none()) on_epoch(to_dict(report, progress));
            });
          },
      .on_progress = [&](const analog::RunProgress&) { python.look_for_signals(); },
  };
  analog::RunResult result;
  {
    const nb::gil_scoped_release unlocked;
    result = analog::train_recorded(run, config, data, std::move(saved), events, python.stop(),
                                    base::system_clock());
  }
  python.rethrow();
  nb::dict dict;
  dict["path"] = run.path();
  dict["id"] = run.id();
  dict["finished"] = result.finished;
  dict["interrupted"] = python.interrupted();
  dict["epochs"] = result.epochs;
  dict["test_accuracy"] = result.finished ? result.test.accuracy() : 0.0;
  dict["test_loss"] = result.test.loss;
  return dict;
}

nb::dict analog_run(const std::filesystem::path& runs,
                    const std::optional<std::filesystem::path>& config_file, const Assignments& assignments,
                    const std::filesystem::path& data_folder, const nb::object& on_epoch) {
  const run::Config config = analog::read_config([&](run::Config& read) {
    if (config_file) analog::load_config_file(read, *config_file);
    for (const std::string& assignment : assignments) read.set(assignment);
  });
  const analog::DataSet data = load_data(config, data_folder);
  checked_options([&] { return analog::network_settings(config, data); });  // before a run is made
  run::RunDirectory run =
      run::RunDirectory::create(runs,
                                {.kind = "analog",
                                 .subject = data.name,
                                 .seed = static_cast<std::uint64_t>(config.get_int("seed")),
                                 .command = {"quern.analog.run"},
                                 .commit = QUERN_COMMIT,
                                 .version = QUERN_VERSION},
                                config.to_toml(), base::system_clock());
  run.take();
  return train(run, config, data, analog::begin_or_read_newest(run, config, data), on_epoch);
}

nb::dict analog_resume(const std::filesystem::path& runs, const std::string& name,
                       const std::filesystem::path& data_folder, const nb::object& on_epoch) {
  run::RunDirectory run = run::RunDirectory::open(runs, name);
  run.take();
  const run::Config config = analog::config_of(run);
  const analog::DataSet data = load_data(config, data_folder);
  analog::SavedState saved = analog::begin_or_read_newest(run, config, data);  // before anything is changed
  run.truncate_metrics(saved.metrics_records);
  return train(run, config, data, std::move(saved), on_epoch);
}

/// Accuracy and loss of the test samples, of the newest checkpoint; after so many seconds of drift.
std::pair<double, double> analog_evaluate(const std::filesystem::path& path,
                                          const std::filesystem::path& data_folder,
                                          std::optional<double> after_s, bool compensated) {
  const nb::gil_scoped_release unlocked;
  const run::RunDirectory run = run::RunDirectory::open(path.parent_path(), path.string());
  const run::Config config = analog::config_of(run);
  const analog::DataSet data = analog::load_data_set(analog::data_settings(config, data_folder));
  const analog::SavedState saved = analog::begin_or_read_newest(run, config, data);
  const analog::Network& network = saved.state.network;
  const analog::Score score =
      analog::evaluate(after_s ? analog::network_after(network, *after_s, compensated) : network, data.test);
  return {score.accuracy(), score.loss};
}

}  // namespace

void bind_analog_run(nb::module_& m) {
  m.def("analog_run", analog_run, "runs"_a, "config"_a.none(), "assignments"_a, "data_folder"_a,
        "on_epoch"_a.none());
  m.def("analog_data", analog_data, "assignments"_a, "data_folder"_a);
  m.def("analog_evaluate", analog_evaluate, "path"_a, "data_folder"_a, "after_s"_a.none(), "compensated"_a);
  m.def("analog_resume", analog_resume, "runs"_a, "run"_a, "data_folder"_a, "on_epoch"_a.none());
  m.def(
      "find_run",
      [](const std::filesystem::path& runs, const std::string& name) {
        const run::RunDirectory run = run::RunDirectory::open(runs, name);
        return std::pair(run.path(), run.info().value("kind", ""));
      },
      "runs"_a, "run"_a, "The folder and the kind of a run.");
}

}  // namespace quern::python
