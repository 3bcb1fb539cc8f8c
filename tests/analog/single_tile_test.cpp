#include "quern/analog/network/single_tile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "quern/analog/network/checkpoint.h"
#include "quern/analog/network/device_parameters.h"
#include "quern/analog/network/options.h"
#include "quern/analog/network/tile_arrays.h"
#include "quern/base/philox.h"
#include "tests/analog/support.h"

namespace quern::analog {
namespace {

constexpr std::size_t kOutputs = 20, kInputs = 30, kRows = 7;

SingleTile tile_of(const std::vector<std::string>& assignments) {
  return make_single_tile(read_single_tile_config([&](run::Config& config) {
                            for (const std::string& assignment : assignments) config.set(assignment);
                          }),
                          kOutputs, kInputs, 5);
}

/// One of each kind of state.
std::vector<SingleTile> all_tiles() {
  std::vector<SingleTile> tiles;
  tiles.push_back(tile_of({"tile.kind=ideal"}));
  tiles.push_back(tile_of({"device.preset=capacitor", "tile.count_pulses=true"}));
  tiles.push_back(tile_of({"device.preset=pcm_pair", "tile.refresh_interval=2"}));
  tiles.push_back(tile_of({"tile.kind=tiki-taka", "device.preset=reram_soft_bounds", "tiki_taka.gamma=0.5"}));
  tiles.push_back(tile_of({"tile.kind=nature"}));
  tiles.push_back(tile_of({"tile.kind=nature", "nature.pcm_only=true", "nature.synapses_per_reference=8"}));
  return tiles;
}

std::vector<float> random_rows(std::size_t line, std::uint64_t seed) {
  std::vector<float> values(kRows * line);
  base::CounterRng rng(seed);
  for (float& value : values) value = static_cast<float>(2 * rng.next_double() - 1);
  return values;
}

std::vector<float> forward_of(SingleTile& tile, std::span<const float> x) {
  std::vector<float> y(x.size() / kInputs * kOutputs);
  forward(tile, x, y);
  return y;
}

std::vector<float> backward_of(SingleTile& tile, std::span<const float> d) {
  std::vector<float> z(d.size() / kOutputs * kInputs);
  backward(tile, d, z);
  return z;
}

TEST(SingleTile, RowsAreCallsOneAfterAnother) {
  const std::vector<float> x = random_rows(kInputs, 1), d = random_rows(kOutputs, 2);
  for (SingleTile& tile : all_tiles()) {
    SingleTile other = tile;
    const std::vector<float> y = forward_of(tile, x), z = backward_of(tile, d);
    update(tile, x, d, 0.1F);
    std::vector<float> other_y, other_z;
    for (std::size_t row = 0; row < kRows; ++row)
      for (const float value : forward_of(other, std::span(x).subspan(row * kInputs, kInputs)))
        other_y.push_back(value);
    for (std::size_t row = 0; row < kRows; ++row)
      for (const float value : backward_of(other, std::span(d).subspan(row * kOutputs, kOutputs)))
        other_z.push_back(value);
    for (std::size_t row = 0; row < kRows; ++row)
      update(other, std::span(x).subspan(row * kInputs, kInputs),
             std::span(d).subspan(row * kOutputs, kOutputs), 0.1F);
    EXPECT_EQ(y, other_y);
    EXPECT_EQ(z, other_z);
    EXPECT_EQ(weights(tile), weights(other));
    EXPECT_EQ(encode(tile), encode(other));
  }
}

TEST(SingleTile, ADecodedTileGoesOnWithTheSameBits) {
  const std::vector<float> x = random_rows(kInputs, 1), d = random_rows(kOutputs, 2);
  for (SingleTile& tile : all_tiles()) {
    update(tile, x, d, 0.2F);
    SingleTile copy = decode_single_tile(encode(tile), "copy");
    for (SingleTile* one : {&tile, &copy}) {
      update(*one, x, d, 0.2F);
      if (updates_until_transfer(*one)) transfer(*one);
      update(*one, x, d, 0.2F);
    }
    EXPECT_EQ(forward_of(tile, x), forward_of(copy, x));
    EXPECT_EQ(encode(tile), encode(copy));
  }
}

/// Every parameter somewhat larger, but for bounds below 0 and leaks.
void scale_devices(SingleTile& tile) {
  std::vector<DeviceValues> values = device_parameters(tile.tile);
  for (DeviceValues& one : values)
    for (float& value : one.values) value *= one.name.ends_with("leak") ? 1.0F : 1.25F;
  set_devices(tile, std::move(values));
}

TEST(SingleTile, ParametersThatWereSetAreSavedAndGoOnWithTheSameBits) {
  const std::vector<float> x = random_rows(kInputs, 1), d = random_rows(kOutputs, 2);
  for (SingleTile& tile : all_tiles()) {
    SingleTile drawn = tile;
    scale_devices(tile);
    for (SingleTile* one : {&tile, &drawn}) update(*one, x, d, 0.2F);
    SingleTile copy = decode_single_tile(encode(tile), "copy");
    for (SingleTile* one : {&tile, &copy}) update(*one, x, d, 0.2F);
    EXPECT_EQ(encode(tile), encode(copy));
    const std::vector<DeviceValues> ours = device_parameters(tile.tile),
                                    theirs = device_parameters(copy.tile);
    for (std::size_t k = 0; k < ours.size(); ++k) EXPECT_EQ(ours[k].values, theirs[k].values) << ours[k].name;
    update(drawn, x, d, 0.2F);
    EXPECT_EQ(weights(tile) != weights(drawn), !std::holds_alternative<IdealTile>(tile.tile));
  }
}

TEST(SingleTile, StatesOfVersion1HaveNoParametersThatWereSet) {
  SingleTile tile = tile_of({});
  update(tile, random_rows(kInputs, 1), random_rows(kOutputs, 2), 0.2F);
  run::ByteWriter out;
  out.text("quern analog tile");
  out.u32(1);
  out.text(generator_name());
  out.text(tile.config.to_toml());
  out.u64(kOutputs);
  out.u64(kInputs);
  out.u64(5);
  write_tile(out, tile.tile);
  EXPECT_EQ(encode(decode_single_tile(out.take(), "old")), encode(tile));
}

TEST(SingleTile, BytesOfADamagedStateAreAnError) {
  SingleTile saved = tile_of({"tile.kind=nature"});
  const std::vector<DeviceValues> parameters = device_parameters(saved.tile);
  set_devices(saved, {parameters[0], parameters[5]});
  const std::vector<std::uint8_t> good = encode(saved);
  for (std::size_t size = 0; size < good.size(); size += size < 200 ? 1 : 997)
    EXPECT_THROW((void)decode_single_tile(std::span(good).first(size), "cut"), base::Error) << size;
  for (std::size_t at = 0; at < 8000; at += 101) {
    std::vector<std::uint8_t> bad = good;
    bad[at] ^= 0x41;
    try {  // a comment or a number may have changed: then it is another tile
      (void)decode_single_tile(bad, "flipped");
    } catch (const base::Error&) {
    }
  }
}

TEST(SingleTile, ArgumentsThatCannotBeAreErrorsAndChangeNothing) {
  SingleTile tile = tile_of({});
  const std::vector<float> x = random_rows(kInputs, 1), d = random_rows(kOutputs, 2);
  const std::vector<std::uint8_t> before = encode(tile);
  std::vector<float> bad = x;
  bad.back() = std::numeric_limits<float>::infinity();
  std::vector<float> y(kRows * kOutputs);
  EXPECT_THROW(forward(tile, bad, y), std::invalid_argument);
  EXPECT_THROW(forward(tile, std::span(x).first(kInputs), y), std::invalid_argument);
  EXPECT_THROW(forward(tile, std::span(x).first(kInputs + 1), std::span(y).first(kOutputs)),
               std::invalid_argument);
  EXPECT_THROW(update(tile, bad, d, 0.1F), std::invalid_argument);
  EXPECT_THROW(update(tile, x, std::span(d).first(kOutputs), 0.1F), std::invalid_argument);
  EXPECT_THROW(update(tile, x, d, -0.1F), std::invalid_argument);
  EXPECT_THROW(transfer(tile), std::invalid_argument);
  std::vector<float> matrix(kOutputs * kInputs, std::numeric_limits<float>::quiet_NaN());
  EXPECT_THROW(set_weights(tile, matrix), std::invalid_argument);
  EXPECT_EQ(encode(tile), before);
  for (const auto& [outputs, inputs] :
       {std::pair<std::size_t, std::size_t>(0, 3), {3, 0}, {1U << 15U, 1U << 15U}})
    EXPECT_THROW((void)make_single_tile(read_single_tile_config([](run::Config&) {}), outputs, inputs, 1),
                 std::invalid_argument);
}

TEST(SingleTile, NoUpdatePassesTheEndOfATransferInterval) {
  SingleTile tile = tile_of({"tile.kind=nature", "nature.transfer_interval=10"});
  const std::vector<float> x = random_rows(kInputs, 1), d = random_rows(kOutputs, 2);
  EXPECT_EQ(updates_until_transfer(tile), 10);
  update(tile, x, d, 0.1F);
  EXPECT_EQ(updates_until_transfer(tile), 3);
  EXPECT_THROW(update(tile, x, d, 0.1F), std::invalid_argument);
  EXPECT_EQ(updates_until_transfer(tile), 3);
  update(tile, std::span(x).first(3 * kInputs), std::span(d).first(3 * kOutputs), 0.1F);
  EXPECT_EQ(updates_until_transfer(tile), 0);
  transfer(tile);
  EXPECT_EQ(updates_until_transfer(tile), 10);
  EXPECT_EQ(updates_until_transfer(tile_of({})), std::nullopt);
}

TEST(SingleTile, ReadsTheKeysOfItsTileAlone) {
  const base::Error error = error_of([] { (void)tile_of({"epochs=3"}); });
  EXPECT_TRUE(contains(error.what(), "epochs"));
  const run::OptionTable all = analog_options("nature", ""), of_tile = single_tile_options("nature", "");
  for (const run::Option& option : of_tile)
    EXPECT_TRUE(std::ranges::any_of(all, [&](const run::Option& o) { return o.key == option.key; }))
        << option.key;
}

std::vector<float> values_of(const std::vector<DeviceValues>& all, const std::string& name) {
  for (const DeviceValues& one : all)
    if (one.name == name) return one.values;
  ADD_FAILURE() << name;
  return std::vector<float>(kOutputs * kInputs);
}

TEST(TileArrays, AreTheDevicesInTheOrderOfTheWeights) {
  const SingleTile single = tile_of({"device.preset=capacitor"});
  const auto& tile = std::get<Tile>(single.tile);
  const std::vector<DeviceValues> all = device_parameters(single.tile);
  ASSERT_EQ(all.size(), 7U);
  for (std::size_t o = 0; o < kOutputs; ++o)
    for (std::size_t i = 0; i < kInputs; ++i) {
      const std::size_t at = i * tile.devices.stride + o, to = o * kInputs + i;
      EXPECT_EQ(values_of(all, "step_up")[to], tile.devices.synapses[at].step_up);
      EXPECT_EQ(values_of(all, "step_down")[to], tile.devices.synapses[at].step_down);
      EXPECT_EQ(values_of(all, "w_min")[to], tile.devices.synapses[at].min);
      EXPECT_EQ(values_of(all, "w_max")[to], tile.devices.synapses[at].max);
      EXPECT_EQ(values_of(all, "slope_up")[to], tile.devices.slopes[at].up);
      EXPECT_EQ(values_of(all, "slope_down")[to], tile.devices.slopes[at].down);
      EXPECT_EQ(values_of(all, "leak")[to], tile.devices.leak[at]);
    }
}

TEST(DeviceParameters, OfEveryKindCanBeGivenBack) {
  for (const SingleTile& tile : all_tiles()) {
    SingleTile same = tile;
    set_devices(same, device_parameters(tile.tile));
    EXPECT_EQ(weights(same), weights(tile));
    const std::vector<DeviceValues> before = device_parameters(tile.tile),
                                    after = device_parameters(same.tile);
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t k = 0; k < before.size(); ++k) EXPECT_EQ(before[k].values, after[k].values);
  }
}

TEST(DeviceParameters, AreSetWhereTheyAreRead) {
  for (SingleTile& tile : all_tiles()) {
    for (const DeviceValues& drawn : device_parameters(tile.tile)) {
      DeviceValues wanted = drawn;
      const bool of_reference = drawn.name.starts_with("reference_");
      for (std::size_t k = 0; k < wanted.values.size(); ++k) {
        const auto step = static_cast<float>(of_reference ? k % kInputs : k) * 1e-4F;
        wanted.values[k] *= drawn.name.ends_with("leak") ? 0.5F : 1.0F + step;
      }
      set_devices(tile, {wanted});
      for (const DeviceValues& now : device_parameters(tile.tile))
        EXPECT_TRUE(now.name != wanted.name || now.values == wanted.values) << now.name;
    }
  }
}

TEST(DeviceParameters, LimitTheWeightsAtOnce) {
  SingleTile single = tile_of({"device.w_max_d2d=0"}), pair = tile_of({"device.preset=pcm_pair"});
  const std::vector<float> full(kOutputs * kInputs, 9.0F), low(kOutputs * kInputs, 0.125F);
  set_weights(single, full);
  set_weights(pair, full);
  set_devices(single, {{"w_max", "", low}});
  set_devices(pair, {{"plus_w_max", "", low}});
  EXPECT_EQ(weights(single), low);
  EXPECT_EQ(weights(pair), low);
}

TEST(DeviceParameters, DevicesThatCannotBeAreErrorsAndChangeNothing) {
  const float infinity = std::numeric_limits<float>::infinity();
  struct Case {
    std::vector<std::string> tile;
    const char* name;
    float value;
    const char* says;
  };
  for (const Case& one : std::vector<Case>{
           {{}, "step_up", -1, "step_up of output 1 and input 2 must be 0 or more, got -1"},
           {{}, "step_down", infinity, "must be finite, got inf"},
           {{}, "w_max", -5, "w_min and w_max of output 1 and input 2 must ascend"},
           {{}, "stp_up", 1, "have no 'stp_up'; they have step_up, step_down, w_min, w_max"},
           {{}, "leak", 0.5F, "no 'leak'"},
           {{"device.lifetime=100"}, "leak", 1.5F, "must be 1 at most, got 1.5"},
           {{"device.lifetime=100"}, "w_min", 0.01F, "have 0 between them"},
           {{"device.preset=pcm_pair"}, "plus_w_min", -0.1F, "0 or more in a pair"},
           {{"device.preset=reram_exponential", "device.w_max=0.5", "device.w_max_d2d=0"},
            "w_min",
            0.5F,
            "differ"},
           {{"tile.kind=tiki-taka"}, "slow_step_up", -1, "slow_step_up of output 1"},
           {{"tile.kind=nature"}, "leak_rate", -1, "leak_rate of output 1"},
           {{"tile.kind=nature"}, "reference_read_threshold", 0.5F, "as of output 0 with the same reference"},
           {{"tile.kind=ideal"}, "step_up", 1, "have no parameters"}}) {
    SingleTile tile = tile_of(one.tile);
    const std::vector<std::uint8_t> before = encode(tile);
    std::vector<DeviceValues> values = device_parameters(tile.tile);
    const auto found = std::ranges::find(values, one.name, &DeviceValues::name);
    DeviceValues wanted{one.name, "", std::vector<float>(kOutputs * kInputs, one.value)};
    if (found != values.end()) wanted = *found;
    wanted.values[kInputs + 2] = one.value;
    try {
      set_devices(tile, {wanted});
      ADD_FAILURE() << one.says;
    } catch (const std::invalid_argument& error) {
      EXPECT_TRUE(contains(error.what(), one.says)) << error.what();
    }
    EXPECT_EQ(encode(tile), before);
  }
  SingleTile tile = tile_of({});
  EXPECT_THROW(set_devices(tile, {{"step_up", "", {1, 2}}}), std::invalid_argument);
  SingleTile nature = tile_of({"tile.kind=nature"});
  update(nature, random_rows(kInputs, 1), random_rows(kOutputs, 2), 0.1F);
  EXPECT_THROW(scale_devices(nature), std::invalid_argument) << "the charges are those of the old leak";
  transfer(nature);
  scale_devices(nature);
}

TEST(TileArrays, ContentsMakeUpTheWeights) {
  const std::vector<float> x = random_rows(kInputs, 1), d = random_rows(kOutputs, 2);
  SingleTile pair = tile_of({"device.preset=pcm_pair"}),
             nature = tile_of({"tile.kind=nature", "nature.synapses_per_reference=8"}),
             tiki = tile_of({"tile.kind=tiki-taka", "tiki_taka.gamma=0.5"});
  for (SingleTile* tile : {&pair, &nature, &tiki}) update(*tile, x, d, 0.2F);
  const auto part = [](const SingleTile& tile, const char* name) {
    return values_of(device_contents(tile.tile), name);
  };
  const std::vector<float> plus = part(pair, "plus"), minus = part(pair, "minus"), of_pair = weights(pair);
  const std::vector<float> fast = part(tiki, "fast"), slow = part(tiki, "slow"), of_tiki = weights(tiki);
  const std::vector<float> high = part(nature, "plus"), low = part(nature, "minus"), g = part(nature, "g"),
                           g_shared = part(nature, "g_shared"), of_nature = weights(nature);
  const auto& cell = std::get<NatureTile>(nature.tile).cell;
  for (std::size_t at = 0; at < of_pair.size(); ++at) {
    EXPECT_EQ(of_pair[at], plus[at] - minus[at]);
    EXPECT_EQ(of_tiki[at], slow[at] + 0.5F * fast[at]);
    const float microsiemens = cell.gain * (high[at] - low[at]) + (g[at] - g_shared[at]);
    EXPECT_NEAR(of_nature[at], microsiemens / cell.microsiemens_per_weight, 1e-5);
  }
}

TEST(TileArrays, PulsesOfTheDevicesAddUp) {
  const std::vector<float> x = random_rows(kInputs, 1), d = random_rows(kOutputs, 2);
  for (const std::vector<std::string>& options : {std::vector<std::string>{"tile.count_pulses=true"},
                                                  {"tile.kind=tiki-taka", "tile.count_pulses=true"},
                                                  {"tile.kind=nature"}}) {
    SingleTile tile = tile_of(options);
    update(tile, x, d, 0.2F);
    std::uint64_t sum = 0;
    for (const DeviceCounts& one : device_pulses(tile.tile))
      for (const std::uint32_t count : one.values) sum += count;
    EXPECT_GT(sum, 0U);
    EXPECT_EQ(pulse_sums(tile.tile).pulses, sum);
  }
  EXPECT_TRUE(device_pulses(tile_of({}).tile).empty());
}

TEST(TileArrays, PulsesAreThoseOfTheDevicesBetweenTheLines) {
  constexpr std::size_t kInput = 7, kOutput = 13;
  std::vector<float> x(kInputs), d(kOutputs);
  x[kInput] = 1;
  d[kOutput] = 1;
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"tile.count_pulses=true"}, {"tile.kind=nature"}}) {
    SingleTile tile = tile_of(options);
    update(tile, x, d, 0.2F);
    const std::uint64_t all = pulse_sums(tile.tile).pulses;
    EXPECT_GT(all, 0U);
    for (const DeviceCounts& one : device_pulses(tile.tile))
      EXPECT_EQ(one.values[kOutput * kInputs + kInput], one.name == "pulses_up" ? 0 : all) << one.name;
  }
}

TEST(TileArrays, AReferenceIsRepeatedForTheCellsThatShareIt) {
  const SingleTile single = tile_of({"tile.kind=nature", "nature.synapses_per_reference=8"});
  const std::vector<float> rates = values_of(device_parameters(single.tile), "reference_leak_rate");
  const auto& devices = std::get<NatureTile>(single.tile).devices;
  ASSERT_EQ(devices.references_per_line, 3U);
  for (std::size_t o = 0; o < kOutputs; ++o)
    for (std::size_t i = 0; i < kInputs; ++i)
      EXPECT_EQ(rates[o * kInputs + i], devices.reference_rate[i * 3 + o / 8]);
}

}  // namespace
}  // namespace quern::analog
