#include "quern/analog/fit/pulse_record.h"

#include "quern/analog/tile/presets.h"
#include "tests/analog/support.h"

namespace quern::analog {
namespace {

std::string fault_of(const std::string& csv) {
  const base::Error error = error_of([&] { (void)decode_pulses(csv, "m.csv"); });
  return std::string(error.what()) + " | " + error.hint();
}

TEST(PulseRecord, ReadsColumnsInAnyOrder) {
  const PulseRecord record = decode_pulses(
      "\xEF\xBB\xBF# a comment\r\ntime,conductance, direction ,device\r\n\r\n1,2.5e-6,none,\"A 1\"\r\n"
      "2,+3e-6,up,A 1\n3,1,0,B # another\n4,-2,-1,A 1\n5,7,+1,B\n6,8,1,B\n7,6,down,B",
      "m.csv");
  EXPECT_TRUE(record.conductances);
  ASSERT_EQ(record.devices.size(), 2U);
  EXPECT_EQ(record.devices[0].name, "A 1");
  ASSERT_EQ(record.devices[0].readings.size(), 3U);
  EXPECT_EQ(record.devices[0].readings[1].value, 3e-6);
  EXPECT_EQ(record.devices[0].readings[1].before, PulseBefore::Up);
  EXPECT_EQ(record.devices[0].readings[2].before, PulseBefore::Down);
  EXPECT_EQ(record.devices[1].readings[0].before, PulseBefore::None);
  EXPECT_EQ(record.devices[1].readings[3].before, PulseBefore::Down);
  const PulseRecord single = decode_pulses("direction,weight\nnone,0\nup,0.1\n", "m.csv");
  EXPECT_FALSE(single.conductances);
  ASSERT_EQ(single.devices.size(), 1U);
  EXPECT_EQ(single.devices[0].name, "");
}

TEST(PulseRecord, DevicesAreNotMerged) {
  const PulseRecord record = decode_pulses(
      "Direction,WEIGHT,Device\nNone,0,A#1 # first\nUP,1,A#1\nnone,0,A#2\n#up,1,A#2\n", "m.csv");
  ASSERT_EQ(record.devices.size(), 2U);
  EXPECT_EQ(record.devices[0].name, "A#1");
  EXPECT_EQ(record.devices[0].readings.size(), 2U);
  EXPECT_EQ(record.devices[1].name, "A#2");
  EXPECT_EQ(record.devices[1].readings.size(), 1U);
  const PulseRecord hashes = decode_pulses("direction,weight,device\nnone,0,#1\nup,1,#1\n", "m.csv");
  EXPECT_EQ(encode_pulses(hashes), "device,direction,weight\n\"#1\",none,0\n\"#1\",up,1\n");
  EXPECT_EQ(encode_pulses(decode_pulses(encode_pulses(hashes), "again.csv")), encode_pulses(hashes));
}

TEST(PulseRecord, FaultsNameTheFileTheLineAndTheRemedy) {
  EXPECT_TRUE(contains(fault_of(""), "m.csv: no header | for example:\ndevice,direction,weight"));
  EXPECT_TRUE(contains(fault_of("direction,weight\n\n"), "m.csv: no readings"));
  EXPECT_TRUE(contains(fault_of("\nweight\n1\n"), "m.csv: line 2: no column is named 'direction'"));
  EXPECT_TRUE(contains(fault_of("direction,g\nup,1\n"), "no column is named 'weight' or 'conductance'"));
  EXPECT_TRUE(contains(fault_of("direction,weight,conductance\n"), "line 1: there are columns 'weight' and"));
  EXPECT_TRUE(contains(fault_of("direction,weight,weight\n"), "two columns are named 'weight'"));
  EXPECT_TRUE(contains(fault_of("direction,weight\nup\n"), "line 2: 1 cells, the header has 2"));
  EXPECT_TRUE(contains(fault_of("direction,weight\nup,1,5\n"), "line 2: 3 cells"));
  EXPECT_TRUE(contains(fault_of("direction,weight\nup,1\n2,1\n"), "line 3: direction is '2' | the pulse"));
  EXPECT_TRUE(contains(fault_of("device,direction,weight\n,up,1\n"), "line 2: the device has no name"));
  for (const char* bad : {"", "x", "1x", "1 2", "--1", "+-1", "0x10"})
    EXPECT_TRUE(contains(fault_of(std::string("direction,weight\nup,") + bad + "\n"),
                         "weight is '" + std::string(bad) + "', which is no number | leave out"))
        << bad;
  for (const char* bad : {"nan", "inf", "-inf", "1e999", "1e31", "-1e31"})
    EXPECT_TRUE(contains(fault_of(std::string("direction,conductance\nup,") + bad + "\n"),
                         "line 2: conductance is " + std::string(bad)))
        << bad;
}

TEST(PulseRecord, WhatIsWrittenIsRead) {
  for (const char* preset : {"rpu_baseline", "pcm"}) {
    const PulseRecord record = sample_pulses(
        device_preset(preset), {.devices = 3, .ramps = 3, .ramp_pulses = 20, .read_noise = 0.01F});
    const PulseRecord again = decode_pulses(encode_pulses(record), "again.csv");
    EXPECT_EQ(encode_pulses(again), encode_pulses(record));
    ASSERT_EQ(again.devices.size(), 3U);
    ASSERT_EQ(again.devices[2].readings.size(), 61U);
    for (std::size_t k = 0; k < 61; ++k) {
      EXPECT_EQ(again.devices[2].readings[k].value, record.devices[2].readings[k].value);
      EXPECT_EQ(again.devices[2].readings[k].before, k == 0                  ? PulseBefore::None
                                                     : (k - 1) / 20 % 2 == 0 ? PulseBefore::Up
                                                                             : PulseBefore::Down);
    }
  }
}

TEST(PulseRecord, ImpossibleSamplesAreErrors) {
  const auto fault = [](const SampleOptions& options) {
    return std::string(error_of([&] { (void)sample_pulses(ConstantStep{}, options); }).what());
  };
  EXPECT_TRUE(contains(fault({.devices = 0}), "devices is 0"));
  EXPECT_TRUE(contains(fault({.ramps = -1}), "ramps is -1"));
  EXPECT_TRUE(contains(fault({.ramp_pulses = -1}), "pulses in a ramp is -1"));
  EXPECT_TRUE(contains(fault({.read_noise = -1}), "read noise is -1"));
  EXPECT_TRUE(contains(fault({.devices = 1000000, .ramp_pulses = 1000000}), "too many"));
}

}  // namespace
}  // namespace quern::analog
