#pragma once
// Training a network sample by sample, epoch by epoch. Reports events; writes nothing.

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "quern/analog/data/samples.h"
#include "quern/analog/network/histogram.h"
#include "quern/analog/network/network.h"

namespace quern::analog {

struct TrainSettings {
  std::uint64_t seed = 1;  // of the order of the samples
  std::int64_t epochs = 30;
  double learning_rate = 0.01;
  double decay = 0.5;             // the learning rate is multiplied by it
  std::int64_t decay_every = 10;  // epochs
};

/// The order in which an epoch, counted from 0, sees so many samples.
std::vector<std::size_t> sample_order(const TrainSettings& settings, std::size_t size, std::int64_t epoch);

/// Of an epoch, counted from 0.
double learning_rate_of(const TrainSettings& settings, std::int64_t epoch);

/// What the last transfer of an epoch changes: accuracies of the test samples and distributions.
struct Transfers {
  std::int64_t count = 0;  // since the run began
  bool tested = false;     // in the epoch in work
  double accuracy_before = 0, accuracy_after = 0;
  std::vector<Histogram> before = {}, after = {};  // of weights and conductances
};

/// All that decides how training goes on, and what is known of the epoch in work.
struct TrainState {
  std::int64_t epoch = 0;     // finished epochs
  std::int64_t position = 0;  // samples done of the epoch in work
  double loss = 0;            // sum over them
  std::int64_t correct = 0;   // of them, before their update
  Transfers transfers = {};
  Network network;
};

struct EpochReport {
  std::int64_t epoch = 0;    // counted from 1
  std::int64_t samples = 0;  // trained on so far
  double learning_rate = 0;
  double train_loss = 0, train_accuracy = 0;  // of each sample before its update
  Transfers transfers;
  Score test;  // after the epoch
};

struct TrainEvents {
  std::function<void(const EpochReport&)> on_epoch;
  std::function<void()> after_epoch;  // the state is at the start of the next one
  std::function<void()> on_progress;  // every few samples; looks at the state
};

enum class TrainEnd : std::uint8_t { Finished, Stopped };

/// Trains until all epochs are done, or stops within a few samples when `stop` becomes true: going on from
/// the same state gives the same bits. Throws base::Error when the loss is no number any more.
TrainEnd train(const TrainSettings& settings, const DataSet& data, TrainState& state,
               const TrainEvents& events, const std::atomic<bool>& stop);

}  // namespace quern::analog
