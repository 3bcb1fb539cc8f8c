#include "quern/analog/network/options.h"

#include <gtest/gtest.h>

#include "quern/analog/nature/nature_options.h"
#include "quern/analog/tile/device_options.h"
#include "quern/analog/tile/presets.h"
#include "tests/analog/support.h"

namespace quern::analog {
namespace {

run::Config config_of(const std::vector<std::string>& assignments) {
  return read_config([&](run::Config& config) {
    for (const std::string& assignment : assignments) config.set(assignment);
  });
}

std::string fault_of(const std::vector<std::string>& assignments) {
  const base::Error error = error_of([&] { (void)config_of(assignments); });
  return std::string(error.what()) + " | " + error.hint();
}

DataSet tiny_data() {
  return {.name = "tiny",
          .classes = 3,
          .train = {.features = 5, .values = std::vector<float>(5), .labels = {0}},
          .test = {}};
}

TEST(AnalogOptions, DefaultsOfAPresetGiveThePreset) {
  for (const std::string& preset : tile_preset_names())
    EXPECT_EQ(read_tile_options(config_of({"device.preset=" + preset})), tile_preset(preset)) << preset;
  EXPECT_EQ(read_tile_options(config_of({"device.preset=pcm_pair", "tile.refresh_at=0.5"})).refresh_at, 0.5F);
  EXPECT_TRUE(contains(fault_of({"tile.refresh_at=0.5"}), "tile.refresh_at")) << "of pairs alone";
}

// Runs of before have them in their config.toml.
TEST(AnalogOptions, RecordedConfigurationsMayHaveRetiredKeys) {
  const std::string recorded =
      "[tile]\nkind = \"nature\"\n[pcm]\n# of the SET pulses\nshortest_pulse = 1.36e-08\nlargest = "
      "24\nlargset = 1";
  const auto read = [](const std::string& toml) {
    return read_config([&](run::Config& config) { config.load_text(toml, "config.toml"); });
  };
  EXPECT_TRUE(contains(error_of([&] { (void)read(recorded); }).what(), "shortest_pulse"));
  const std::string fault = error_of([&] { (void)read(without_retired_keys(recorded)); }).what();
  EXPECT_FALSE(contains(fault, "shortest_pulse"));
  EXPECT_TRUE(contains(fault, "line 7")) << fault;
  const run::Config config = read(without_retired_keys(recorded.substr(0, recorded.rfind('\n'))));
  EXPECT_EQ(config.get_double("pcm.largest"), 24);
}

TEST(AnalogOptions, DefaultsOfTikiTakaKnowItsDevices) {
  const TikiTakaOptions soft =
      read_tiki_taka_options(config_of({"tile.kind=tiki-taka", "device.preset=reram_soft_bounds"}));
  TikiTakaOptions expected;
  expected.fast.device = expected.slow.device = device_preset("reram_soft_bounds");
  expected.fast.symmetry_reference = true;
  EXPECT_EQ(soft, expected);
  EXPECT_FALSE(read_tiki_taka_options(config_of({"tile.kind=tiki-taka"})).fast.symmetry_reference)
      << "steps of constant size have no symmetry point";
  EXPECT_EQ(read_tiki_taka_options(config_of({"tile.kind=tiki-taka", "tiki_taka.version=1"})).version,
            TikiTakaVersion::One);
}

TEST(AnalogOptions, DefaultsOfTheNatureCellGiveTheCell) {
  const NatureCell read = read_nature_cell(config_of({"tile.kind=nature"}));
  const NatureCell expected;
  EXPECT_EQ(read.leak_seconds, expected.leak_seconds);
  EXPECT_EQ(read.rule, expected.rule);
  EXPECT_EQ(read.pcm.error_quadratic, expected.pcm.error_quadratic);
  EXPECT_EQ(read.synapses_per_reference, expected.synapses_per_reference);
  const NatureCell changed = read_nature_cell(config_of(
      {"tile.kind=nature", "nature.inversion=false", "nature.rule=trains", "pcm.programming_error=0"}));
  EXPECT_FALSE(changed.scheme.inversion);
  EXPECT_TRUE(changed.scheme.transfer);
  EXPECT_EQ(changed.rule, PulseRule::Trains);
  EXPECT_EQ(changed.pcm.programming_error, 0);
  EXPECT_TRUE(contains(error_of([&] {
                         (void)read_nature_cell(config_of({"tile.kind=nature", "nature.gain=0"}));
                       }).what(),
                       "gain"));
}

TEST(AnalogOptions, ResolvedConfigReadsBackTheSame) {
  for (const std::string& kind : tile_kind_names()) {
    const run::Config config = config_of({"tile.kind=" + kind, "seed=9", "network.hidden=30-20"});
    const run::Config again =
        read_config([&](run::Config& c) { c.load_text(config.to_toml(), "config.toml"); });
    EXPECT_EQ(again.to_toml(), config.to_toml());
  }
  const run::Config config = config_of({"device.preset=reram_exponential", "device.gamma_up=4.5"});
  const run::Config again =
      read_config([&](run::Config& c) { c.load_text(config.to_toml(), "config.toml"); });
  EXPECT_EQ(read_tile_options(again), read_tile_options(config));
  EXPECT_EQ(std::get<ExponentialStep>(read_tile_options(again).device).gamma_up, 4.5F);
}

TEST(AnalogOptions, EveryMemberCanBeSet) {
  const TileOptions options = read_tile_options(
      config_of({"device.step=0.002", "device.w_max=0.7", "pulses.kind=deterministic",
                 "pulses.train_length=9", "forward.output_noise=0.5", "backward.perfect=true",
                 "tile.count_pulses=true", "tile.leak_interval=7"}));
  EXPECT_EQ(pulsed(options.device).step, 0.002F);
  EXPECT_EQ(pulsed(options.device).w_max, 0.7F);
  EXPECT_EQ(options.pulses.kind, TrainKind::Deterministic);
  EXPECT_EQ(options.pulses.train_length, 9);
  EXPECT_EQ(options.forward.output_noise, 0.5F);
  EXPECT_EQ(options.backward.output_noise, 0.06F);
  EXPECT_TRUE(options.backward.perfect);
  EXPECT_TRUE(options.count_pulses);
  EXPECT_EQ(options.leak_interval, 7);
}

TEST(AnalogOptions, KeysThatAreNotUsedAreErrors) {
  EXPECT_TRUE(contains(fault_of({"tile.kind=ideal", "device.step=0.1"}), "tile.kind = ideal\n  device.step"));
  EXPECT_TRUE(contains(fault_of({"device.gamma_up=0.1"}), "device.preset = rpu_baseline\n  device.gamma_up"));
  EXPECT_TRUE(contains(fault_of({"device.stap=0.1"}), "did you mean device.step?"));
  EXPECT_TRUE(contains(fault_of({"device.preset=pcm"}), "pcm_pair"));
  EXPECT_TRUE(contains(fault_of({"epochs=0"}), "epochs"));
}

TEST(AnalogOptions, ImpossibleDevicesAreErrors) {
  const auto device_fault = [](const std::string& assignment) {
    return std::string(
        error_of([&] { (void)network_settings(config_of({assignment}), tiny_data()); }).what());
  };
  EXPECT_TRUE(contains(device_fault("device.step=-1"), "step"));
  EXPECT_TRUE(contains(device_fault("device.w_max=-0.1"), "w_max"));
  EXPECT_TRUE(contains(device_fault("pulses.train_length=0"), "train_length"));
  EXPECT_TRUE(contains(device_fault("forward.input_bound=0"), "input_bound"));
}

TEST(AnalogOptions, HiddenLayersAreSizesWithDashes) {
  const auto sizes_of = [](const std::string& hidden) {
    return network_settings(config_of({"network.hidden=" + hidden}), tiny_data()).sizes;
  };
  using Sizes = std::vector<std::size_t>;
  EXPECT_EQ(sizes_of("256-128"), (Sizes{5, 256, 128, 3}));
  EXPECT_EQ(sizes_of("7"), (Sizes{5, 7, 3}));
  EXPECT_EQ(sizes_of("''"), (Sizes{5, 3}));
  for (const char* bad :
       {"a", "0", "5-", "-5", "5--6", "5,6", "5 6", "100001", "1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1"})
    EXPECT_TRUE(contains(error_of([&] { sizes_of(bad); }).what(), "network.hidden")) << bad;
}

}  // namespace
}  // namespace quern::analog
