#include "quern/analog/network/trainer.h"

#include <fmt/format.h>

#include <cmath>

#include "quern/base/error.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

constexpr std::int64_t kSamplesBetweenLooks = 64;
constexpr std::uint64_t kOrderPurpose = 3;  // beside those of the network's seeds

EpochReport report_of(const DataSet& data, const TrainState& state, double learning_rate) {
  const auto samples = static_cast<double>(data.train.size());
  return {.epoch = state.epoch,
          .samples = state.epoch * static_cast<std::int64_t>(data.train.size()),
          .learning_rate = learning_rate,
          .train_loss = state.loss / samples,
          .train_accuracy = static_cast<double>(state.correct) / samples,
          .transfers = state.transfers,
          .test = evaluate(state.network, data.test)};
}

std::vector<Histogram> histograms_of(const Network& network) {
  std::vector<Histogram> histograms = conductance_histograms(network);
  histograms.push_back(weight_histogram(network));
  return histograms;
}

/// The last transfer of an epoch is tested just before and just after.
void transfer_and_test(const DataSet& data, TrainState& state) {
  const auto left = static_cast<std::int64_t>(data.train.size()) - state.position;
  const bool last = left < transfer_interval(state.network);
  if (last) {
    state.transfers.accuracy_before = evaluate(state.network, data.test).accuracy();
    state.transfers.before = histograms_of(state.network);
  }
  transfer(state.network);
  ++state.transfers.count;
  if (!last) return;
  state.transfers.accuracy_after = evaluate(state.network, data.test).accuracy();
  state.transfers.after = histograms_of(state.network);
  state.transfers.tested = true;
}

/// False when it was stopped.
bool train_epoch(const TrainSettings& settings, const DataSet& data, TrainState& state,
                 const TrainEvents& events, const std::atomic<bool>& stop) {
  const std::vector<std::size_t> order = sample_order(settings, data.train.size(), state.epoch);
  const double learning_rate = learning_rate_of(settings, state.epoch);
  std::vector<float> sample(data.train.features);
  const auto size = static_cast<std::int64_t>(order.size());
  while (state.position < size) {
    if (state.position % kSamplesBetweenLooks == 0) {
      if (stop) return false;
      if (events.on_progress) events.on_progress();
    }
    const std::size_t index = order[static_cast<std::size_t>(state.position)];
    copy_sample(data.train, index, sample);
    const Outcome outcome =
        train_sample(state.network, sample, data.train.labels[index], static_cast<float>(learning_rate));
    if (!std::isfinite(outcome.loss)) {
      throw base::Error(fmt::format("the loss is no number any more at sample {} of epoch {}",
                                    state.position + 1, state.epoch + 1),
                        "lower train.learning_rate");
    }
    state.loss += static_cast<double>(outcome.loss);
    state.correct += outcome.correct ? 1 : 0;
    ++state.position;
    if (transfer_due(state.network)) transfer_and_test(data, state);
  }
  ++state.epoch;
  if (events.on_epoch) events.on_epoch(report_of(data, state, learning_rate));
  return true;
}

}  // namespace

std::vector<std::size_t> sample_order(const TrainSettings& settings, std::size_t size, std::int64_t epoch) {
  const std::uint64_t seed = base::derive_seed(settings.seed, kOrderPurpose);
  return shuffled(size, base::derive_seed(seed, static_cast<std::uint64_t>(epoch)));
}

double learning_rate_of(const TrainSettings& settings, std::int64_t epoch) {
  double rate = settings.learning_rate;
  for (std::int64_t past = settings.decay_every; past <= epoch; past += settings.decay_every)
    rate *= settings.decay;
  return rate;
}

TrainEnd train(const TrainSettings& settings, const DataSet& data, TrainState& state,
               const TrainEvents& events, const std::atomic<bool>& stop) {
  while (state.epoch < settings.epochs) {
    if (!train_epoch(settings, data, state, events, stop)) return TrainEnd::Stopped;
    state.position = 0;
    state.loss = 0;
    state.correct = 0;
    state.transfers.tested = false;
    if (events.after_epoch) events.after_epoch();
  }
  return TrainEnd::Finished;
}

}  // namespace quern::analog
