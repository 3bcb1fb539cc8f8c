// Training from a state, and states in files.
#include "quern/analog/network/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>

#include "quern/analog/data/data_set.h"
#include "quern/analog/network/checkpoint.h"
#include "quern/analog/network/options.h"
#include "quern/analog/tile/presets.h"
#include "quern/base/hash.h"
#include "quern/run/safetensors.h"
#include "tests/analog/support.h"

namespace quern::analog {
namespace {

const std::atomic<bool> kNever = false;

/// A few samples of the digits, so that a test is quick.
DataSet few_digits() {
  DataSet data = load_data_set({});
  std::vector<std::size_t> indices(200);
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
  data.train = select(data.train, indices);
  data.test = select(data.test, std::span(indices).first(100));
  return data;
}

class Trainer : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] Network network() const {
    const run::Config config = read_config([](run::Config& c) {
      c.set(std::string("tile.kind=") + GetParam());
      c.set("network.hidden=20");
      c.set("tile.max_inputs=40");
      if (is_tiki_taka()) {
        c.set("device.preset=reram_soft_bounds");
        for (const char* key :
             {"auto_scale=true", "auto_granularity=1000", "fast_rate=0.1", "scale_fast_rate=false",
              "momentum=0", "forget_buffer=false", "most_pulses=5"})
          c.set(std::string("tiki_taka.") + key);
      }
      if (is_nature()) {  // with noise of its reads, which is drawn by their number
        c.set("forward.perfect=false");
        c.set("backward.perfect=false");
      }
    });
    return make_network(network_settings(config, data_));
  }
  [[nodiscard]] static bool is_tiki_taka() { return GetParam() == std::string("tiki-taka"); }
  [[nodiscard]] static bool is_nature() { return GetParam() == std::string("nature"); }
  [[nodiscard]] TrainState fresh() const { return {.network = network()}; }
  [[nodiscard]] static Bytes bytes_of(const TrainState& state) { return encode_state(0, 0, state); }

  const DataSet data_ = few_digits();
  const TrainSettings settings_{
      .seed = 5, .epochs = 3, .learning_rate = 0.05, .decay = 0.5, .decay_every = 2};
};
INSTANTIATE_TEST_SUITE_P(Kinds, Trainer, testing::ValuesIn([] {
                           static const std::vector<std::string> names = tile_kind_names();
                           std::vector<const char*> kinds;
                           for (const std::string& name : names) kinds.push_back(name.c_str());
                           return kinds;
                         }()));

TEST_P(Trainer, GivesTheSameStateAgain) {
  TrainState first = fresh(), second = fresh();
  EXPECT_EQ(train(settings_, data_, first, {}, kNever), TrainEnd::Finished);
  train(settings_, data_, second, {}, kNever);
  EXPECT_EQ(first.epoch, 3);
  EXPECT_EQ(bytes_of(first), bytes_of(second));
  TrainSettings other = settings_;
  other.seed = 6;
  TrainState third = fresh();
  train(other, data_, third, {}, kNever);
  EXPECT_NE(bytes_of(third), bytes_of(first)) << "the order of the samples is another one";
}

TEST_P(Trainer, GoesOnFromAFileAsIfNeverStopped) {
  TrainState whole = fresh();
  train(settings_, data_, whole, {}, kNever);

  TrainState part = fresh();
  std::atomic<bool> stop = false;
  int looks = 0;
  EXPECT_EQ(train(settings_, data_, part,
                  {.on_epoch = {}, .after_epoch = {}, .on_progress = [&] { stop = ++looks == 6; }}, stop),
            TrainEnd::Stopped);
  EXPECT_EQ(part.epoch, 1);
  EXPECT_GT(part.position, 0) << "within an epoch";
  SavedState saved = decode_state(encode_state(7, 0xABCD, part), network(), "state.bin");
  EXPECT_EQ(saved.metrics_records, 7);
  EXPECT_EQ(saved.data_checksum, 0xABCDU);
  EXPECT_EQ(bytes_of(saved.state), bytes_of(part));
  train(settings_, data_, saved.state, {}, kNever);
  EXPECT_EQ(bytes_of(saved.state), bytes_of(whole));
}

// Pulses alone cost little: trains that are too short for the steps asked for would leave it near chance.
TEST(TrainerOfPresets, DevicesWithoutVariationLearnTheDigits) {
  const DataSet data = load_data_set({});
  const run::Config config = read_config([](run::Config& c) {
    c.set("device.preset=ideal");
    c.set("epochs=10");
  });
  TrainState state{.network = make_network(network_settings(config, data))};
  double accuracy = 0;
  train(train_settings(config), data, state,
        {.on_epoch = [&](const EpochReport& report) { accuracy = report.test.accuracy(); },
         .after_epoch = {},
         .on_progress = {}},
        kNever);
  EXPECT_GT(accuracy, 0.93);
}

TEST_P(Trainer, LearnsTheDigits) {
  DataSet data = load_data_set({});
  TrainState state{.network = network()};
  TrainSettings settings = settings_;
  settings.epochs = 20;
  settings.decay_every = 20;
  if (is_tiki_taka()) settings.learning_rate = 0.1;
  std::vector<EpochReport> reports;
  train(settings, data, state,
        {.on_epoch = [&](const EpochReport& report) { reports.push_back(report); },
         .after_epoch = {},
         .on_progress = {}},
        kNever);
  ASSERT_EQ(reports.size(), 20U);
  EXPECT_EQ(reports.back().epoch, 20);
  EXPECT_EQ(reports.back().samples, 28740);
  EXPECT_LT(reports.back().train_loss, 0.6 * reports.front().train_loss);
  // By chance 0.1. Nature cells hold the digits in capacitors alone for 8,000 samples, with 0.03 uS a pulse.
  EXPECT_GT(reports.back().test.accuracy(), is_tiki_taka() ? 0.7 : is_nature() ? 0.8 : 0.88);
}

TEST(TrainTransfers, HappenInEveryIntervalAndTheLastOfAnEpochIsTested) {
  const DataSet data = few_digits();
  NatureCell cell;
  cell.transfer_interval = 60;
  const NetworkSettings settings{
      .sizes = {64, 10}, .activation = Activation::Sigmoid, .tiles = {.tile = cell}};
  TrainState state{.network = make_network(settings)};
  std::vector<EpochReport> reports;
  train({.epochs = 2, .learning_rate = 0.05}, data, state,
        {.on_epoch = [&](const EpochReport& report) { reports.push_back(report); },
         .after_epoch = {},
         .on_progress = {}},
        kNever);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].transfers.count, 3) << "after 60, 120 and 180 of 200 samples";
  EXPECT_EQ(reports[1].transfers.count, 6);
  EXPECT_TRUE(reports[1].transfers.tested);
  EXPECT_GT(reports[1].transfers.accuracy_before, 0.3);
  EXPECT_GT(reports[1].transfers.accuracy_after, 0.3);
  EXPECT_NEAR(reports[1].transfers.accuracy_after, reports[1].transfers.accuracy_before, 0.1);
  const auto& tile = std::get<NatureTile>(state.network.layers[0].matrix.tiles[0]);
  EXPECT_EQ(tile.state.examples, 40);
  EXPECT_EQ(tile.state.polarity, 1) << "turned six times";
}

// A transfer with errors that nothing corrects: what was learned is there before it and lost after it.
TEST(TrainTransfers, AreTestedBeforeAndAfter) {
  const DataSet data = few_digits();
  TrainState ideal{.network = make_network({.sizes = {64, 10}, .tiles = {.tile = IdealOptions{}}})};
  train({.epochs = 10, .learning_rate = 0.1}, data, ideal, {}, kNever);
  TrainState state{.network = make_network({.sizes = {64, 10}, .tiles = {.tile = NatureCell{}}})};
  TiledMatrix& matrix = state.network.layers[0].matrix;
  set_weights(matrix, weights(ideal.network.layers[0].matrix));
  NatureCell& cell = std::get<NatureTile>(matrix.tiles[0]).cell;
  cell.transfer_interval = 180;
  cell.pcm.programming_error = 30;
  cell.pcm.reset_spread = cell.pcm.largest;
  cell.correction_rounds = 0;
  const std::vector<Histogram> fresh = conductance_histograms(state.network);
  std::vector<EpochReport> reports;
  train({.epochs = 1, .learning_rate = 0}, data, state,
        {.on_epoch = [&](const EpochReport& report) { reports.push_back(report); },
         .after_epoch = {},
         .on_progress = {}},
        kNever);
  const Transfers& transfers = reports.at(0).transfers;
  EXPECT_GT(transfers.accuracy_before, 0.7);
  EXPECT_LT(transfers.accuracy_after, 0.4);
  // Phase-change memory changes in transfers alone: before this one it is new, after it as at the end.
  const auto conductances = [](const std::vector<Histogram>& histograms) {
    return std::ranges::find(histograms, "conductance", &Histogram::name)->counts;
  };
  EXPECT_NE(conductances(transfers.before), conductances(transfers.after));
  EXPECT_EQ(conductances(transfers.before), conductances(fresh));
  EXPECT_EQ(conductances(transfers.after), conductances(conductance_histograms(state.network)));
}

// The same weights and the same order of samples: only the order of sums differs.
TEST(TrainTiles, IdealOnesOfFewAndOfManyLinesLearnAlike) {
  const DataSet data = load_data_set({});
  const auto accuracy = [&](std::size_t most_lines, std::uint64_t seed) {
    TrainState state{
        .network = make_network(
            {.sizes = {64, 30, 10},
             .tiles = {.tile = IdealOptions{}, .max_inputs = most_lines, .max_outputs = most_lines},
             .seed = seed})};
    train({.epochs = 4, .learning_rate = 0.1}, data, state, {}, kNever);
    return evaluate(state.network, data.test).accuracy();
  };
  for (const std::uint64_t seed : {1U, 2U}) {
    const double whole = accuracy(0, seed);
    EXPECT_GT(whole, 0.9);
    for (const std::size_t lines : {7U, 32U}) EXPECT_NEAR(accuracy(lines, seed), whole, 0.01) << lines;
  }
}

TEST(TrainSettings, LearningRateFallsEverySoManyEpochs) {
  const TrainSettings settings{.learning_rate = 0.01, .decay = 0.5, .decay_every = 10};
  EXPECT_EQ(learning_rate_of(settings, 0), 0.01);
  EXPECT_EQ(learning_rate_of(settings, 9), 0.01);
  EXPECT_EQ(learning_rate_of(settings, 10), 0.005);
  EXPECT_EQ(learning_rate_of(settings, 29), 0.0025);
}

TEST(TrainSettings, EveryEpochHasAnOrderOfItsOwn) {
  const TrainSettings settings{.seed = 4};
  const std::vector<std::size_t> first = sample_order(settings, 100, 0);
  EXPECT_EQ(sample_order(settings, 100, 0), first);
  EXPECT_NE(sample_order(settings, 100, 1), first);
  EXPECT_NE(sample_order({.seed = 5}, 100, 0), first);
}

TEST(TrainLoss, ThatIsNoNumberEndsTheRun) {
  const DataSet data = few_digits();
  TrainState state{.network = make_network({.sizes = {64, 10}, .activation = Activation::Relu, .tiles = {}})};
  const TrainSettings settings{.learning_rate = 1e38};
  const base::Error error = error_of([&] { train(settings, data, state, {}, kNever); });
  EXPECT_TRUE(contains(error.what(), "of epoch 1"));
  EXPECT_TRUE(contains(error.hint(), "train.learning_rate"));
}

TEST_P(Trainer, DamagedStatesAreNamed) {
  TrainState state = fresh();
  const Bytes bytes = bytes_of(state);
  const auto fault_of = [&](const Bytes& damaged) {
    return std::string(error_of([&] { (void)decode_state(damaged, network(), "s"); }).what());
  };
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 8)
    EXPECT_TRUE(contains(fault_of({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}), "s"));
  EXPECT_TRUE(contains(fault_of(join({bytes, {0}})), "s"));
  Bytes other = bytes;
  other[4] = 'Q';
  EXPECT_TRUE(contains(fault_of(other), "not the state of an analog run"));
  const Network smaller = make_network({.sizes = {64, 10}, .activation = Activation::Sigmoid, .tiles = {}});
  EXPECT_TRUE(contains(error_of([&] { (void)decode_state(bytes, smaller, "s"); }).what(), "2 layers"));
  const Network narrower =
      make_network({.sizes = {64, 19, 10}, .activation = Activation::Sigmoid, .tiles = {}});
  EXPECT_TRUE(contains(error_of([&] { (void)decode_state(bytes, narrower, "s"); }).what(),
                       "the configuration makes"));
}

TEST(Model, HoldsWeightsAndBiasesAsTheNetworkHasThem) {
  const Network network = make_network({.sizes = {3, 2}, .activation = Activation::Tanh, .tiles = {}});
  const std::vector<float> w = weights(network.layers[0].matrix);  // [2, 4]
  const run::SafetensorsFile file = run::decode_safetensors(encode_model(network, "digits"), "m");
  EXPECT_EQ(file.metadata.at("format"), "quern analog 1");
  EXPECT_EQ(file.metadata.at("activation"), "tanh");
  ASSERT_EQ(file.tensors.size(), 2U);
  EXPECT_EQ(file.tensors[0].name, "layer0.weight");
  EXPECT_EQ(file.tensors[0].shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(file.tensors[0].values, (std::vector<float>{w[0], w[1], w[2], w[4], w[5], w[6]}));
  EXPECT_EQ(file.tensors[1].values, (std::vector<float>{w[3], w[7]}));
}

// Bits that every machine and instruction set must give.
TEST(TrainBits, AreTheSameEverywhere) {
  const DataSet data = few_digits();
  const auto crc_of = [&](const AnyTileOptions& tile, Activation activation) {
    TrainState state{
        .network = make_network({.sizes = {64, 20, 10}, .activation = activation, .tiles = {.tile = tile}})};
    train({.seed = 1, .epochs = 1, .learning_rate = 0.05}, data, state, {}, kNever);
    return base::crc32(encode_model(state.network, ""));
  };
  EXPECT_EQ(crc_of(IdealOptions{}, Activation::Sigmoid), 154529510U);
  EXPECT_EQ(crc_of(IdealOptions{}, Activation::Tanh), 2188316869U);
}

}  // namespace
}  // namespace quern::analog
