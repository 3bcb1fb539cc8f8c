#include "quern/analog/network/recorded_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "quern/analog/network/options.h"
#include "quern/analog/network/tile_arrays.h"
#include "quern/base/error.h"
#include "quern/base/text.h"

namespace quern::analog {
namespace {

std::string checkpoint_name(std::int64_t samples) {
  return fmt::format("sample-{:09}", samples);
}

PulseSums pulses_of(const Network& network) {
  PulseSums sums;
  for (const Layer& layer : network.layers) {
    for (const AnyTile& tile : layer.matrix.tiles) {
      const PulseSums of_tile = pulse_sums(tile);
      sums.pulses += of_tile.pulses;
      sums.synapses += of_tile.synapses;
    }
  }
  return sums;
}

void add_histograms(nlohmann::json& record, const std::vector<Histogram>& histograms, const char* when) {
  for (const Histogram& one : histograms) {
    record[fmt::format("histogram/{}{}", one.name, when)] = {
        {"min", one.min}, {"max", one.max}, {"unit", one.unit}, {"counts", one.counts}};
  }
}

/// The run in work: writes what the trainer reports.
class RunWriter {
 public:
  RunWriter(run::RunDirectory& run, const run::Config& config, const DataSet& data, const TrainState& state,
            std::uint32_t data_checksum, const RunEvents& events, const base::Clock& clock)
      : run_(run),
        config_(config),
        data_(data),
        state_(state),
        data_checksum_(data_checksum),
        events_(events),
        clock_(clock),
        start_s_(clock.seconds()),
        samples_before_(samples_done()) {}

  void on_progress() {
    if (events_.on_progress) events_.on_progress(progress_at(samples_done()));
  }

  void on_epoch(const EpochReport& report) {
    const double tested_s = clock_.seconds();
    const RunProgress progress = progress_at(report.samples);
    nlohmann::json record = {{"epoch", report.epoch},
                             {"samples", report.samples},
                             {"train/learning_rate", report.learning_rate},
                             {"train/loss", report.train_loss},
                             {"train/accuracy", report.train_accuracy},
                             {"test/loss", report.test.loss},
                             {"test/accuracy", report.test.accuracy()},
                             {"time/elapsed_s", tested_s - start_s_},
                             {"speed/samples_per_s", progress.samples_per_s}};
    if (const PulseSums sums = pulses_of(state_.network); sums.pulses > 0) {
      record["analog/pulses"] = sums.pulses;
      record["analog/pulses_per_synapse"] =
          static_cast<double>(sums.pulses) /
          (static_cast<double>(num_synapses(state_.network)) * static_cast<double>(report.samples));
      if (sums.synapses > 0) record["analog/pulsed_synapses"] = sums.synapses;
    }
    add_histograms(record, {weight_histogram(state_.network)}, "");
    add_histograms(record, pair_histograms(state_.network), "");
    add_histograms(record, pulse_histograms(state_.network), "");
    if (report.transfers.count > 0) {
      record["analog/transfers"] = report.transfers.count;
      record["analog/correction_pulses_per_transfer"] = correction_pulses(state_.network);
    }
    if (report.transfers.tested) {
      record["test/accuracy_before_transfer"] = report.transfers.accuracy_before;
      record["test/accuracy_after_transfer"] = report.transfers.accuracy_after;
      add_histograms(record, report.transfers.before, "_before_transfer");
      add_histograms(record, report.transfers.after, "_after_transfer");
    }
    run_.append_metrics(record);
    last_test_ = report.test;
    run_.append_log(describe(report, progress));
    if (events_.on_epoch) events_.on_epoch(report, progress);
  }

  /// Between two samples.
  void save() {
    const std::int64_t samples = samples_done();
    if (samples == 0 || samples == saved_samples_) return;
    run_.write_checkpoint(checkpoint_name(samples),
                          {.model = encode_model(state_.network, data_.name),
                           .state = encode_state(run_.num_metrics(), data_checksum_, state_)},
                          static_cast<int>(config_.get_int("checkpoints_kept")));
    saved_samples_ = samples;
  }

  [[nodiscard]] double seconds() const { return clock_.seconds() - start_s_; }
  [[nodiscard]] const std::optional<Score>& last_test() const { return last_test_; }

 private:
  run::RunDirectory& run_;
  const run::Config& config_;
  const DataSet& data_;
  const TrainState& state_;
  std::uint32_t data_checksum_;
  const RunEvents& events_;
  const base::Clock& clock_;
  double start_s_;
  std::int64_t samples_before_;
  std::int64_t saved_samples_ = -1;
  std::optional<Score> last_test_;

  [[nodiscard]] std::int64_t samples_done() const {
    return state_.epoch * static_cast<std::int64_t>(data_.train.size()) + state_.position;
  }

  /// At an epoch's end the state still counts its samples beside the epoch: `samples` are those done.
  [[nodiscard]] RunProgress progress_at(std::int64_t samples) const {
    const std::int64_t epochs = config_.get_int("epochs");
    const auto total = static_cast<double>(epochs) * static_cast<double>(data_.train.size());
    const auto done = static_cast<double>(samples);
    const auto here = static_cast<double>(samples - samples_before_);
    RunProgress progress{.epoch = std::min(state_.epoch + 1, epochs),
                         .epochs = epochs,
                         .position = state_.position,
                         .fraction_done = done / total};
    if (here <= 0) return progress;
    progress.samples_per_s = here / std::max(seconds(), 1e-9);
    progress.seconds_left = (total - done) / progress.samples_per_s;
    return progress;
  }
};

RunResult train_to_end(run::RunDirectory& run, const run::Config& config, const DataSet& data,
                       SavedState saved, const RunEvents& events, const std::atomic<bool>& stop,
                       const base::Clock& clock) {
  const TrainSettings settings = train_settings(config);
  const std::int64_t every = config.get_int("checkpoint_every");
  run.set_status("running", clock);
  TrainState& state = saved.state;
  RunWriter writer(run, config, data, state, saved.data_checksum, events, clock);
  const TrainEnd end = train(settings, data, state,
                             {.on_epoch = [&](const EpochReport& report) { writer.on_epoch(report); },
                              .after_epoch =
                                  [&] {
                                    if (state.epoch % every == 0) writer.save();
                                  },
                              .on_progress = [&] { writer.on_progress(); }},
                             stop);
  writer.save();
  RunResult result{.finished = end == TrainEnd::Finished, .epochs = state.epoch, .seconds = writer.seconds()};
  if (result.finished)
    result.test = writer.last_test() ? *writer.last_test() : evaluate(state.network, data.test);
  run.set_status(result.finished ? "finished" : "interrupted", clock);
  return result;
}

}  // namespace

run::Config config_of(const run::RunDirectory& run) {
  return read_config([&](run::Config& read) {
    read.load_text(without_retired_keys(run.config_toml()), (run.path() / "config.toml").string());
  });
}

SavedState begin_or_read_newest(const run::RunDirectory& run, const run::Config& config,
                                const DataSet& data) {
  Network fresh = make_network(network_settings(config, data));
  const std::uint32_t now = checksum(data);
  const std::vector<std::string> checkpoints = run.checkpoints();
  if (checkpoints.empty())
    return {.metrics_records = 0, .data_checksum = now, .state = {.network = std::move(fresh)}};
  const std::string name = (run.path() / "checkpoints" / checkpoints.back() / "state.bin").string();
  SavedState saved = decode_state(run.read_checkpoint(checkpoints.back()).state, std::move(fresh), name);
  if (saved.data_checksum != now) {
    throw base::Error(
        fmt::format("{}: the run was trained on other data than the {} that is here (checksum {:08x}, "
                    "now {:08x})",
                    run.path().string(), data.name, saved.data_checksum, now),
        "put the files back that it began with; data.dir in its config.toml names their folder");
  }
  if (saved.state.epoch > config.get_int("epochs") ||
      saved.state.position >= static_cast<std::int64_t>(data.train.size())) {
    throw base::Error(fmt::format("{}: it is beyond the end of the run that config.toml describes", name),
                      "restore the config.toml of the run");
  }
  return saved;
}

RunResult train_recorded(run::RunDirectory& run, const run::Config& config, const DataSet& data,
                         SavedState saved, const RunEvents& events, const std::atomic<bool>& stop,
                         const base::Clock& clock) {
  try {
    return train_to_end(run, config, data, std::move(saved), events, stop, clock);
  } catch (...) {
    try {
      run.set_status("failed", clock);
    } catch (const base::Error&) {  // the disk that made the run fail; the first error is the one to show
    }
    throw;
  }
}

namespace {

std::string speed(const RunProgress& progress) {
  if (progress.samples_per_s <= 0) return "";
  return fmt::format("{} samples/s  eta {}", base::format_count(progress.samples_per_s),
                     base::format_duration(progress.seconds_left));
}

}  // namespace

std::string describe_accuracy(const Score& score) {
  return fmt::format("{:.2f} %", 100 * score.accuracy());
}

std::string describe(const EpochReport& report, const RunProgress& progress) {
  return fmt::format("epoch {:>3}/{}  loss {:.4f}  train {:.2f} %  test {}  {}", report.epoch,
                     progress.epochs, report.train_loss, 100 * report.train_accuracy,
                     describe_accuracy(report.test), speed(progress));
}

std::string describe(const RunProgress& progress) {
  return fmt::format("epoch {:>3}/{}  {:3.0f}%  sample {}  {}", progress.epoch, progress.epochs,
                     100 * progress.fraction_done, progress.position, speed(progress));
}

}  // namespace quern::analog
