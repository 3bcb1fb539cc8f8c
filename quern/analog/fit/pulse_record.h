#pragma once
// Measured pulses: the readings of devices, one after each pulse. Read from a CSV file, or sampled from
// devices that are simulated.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "quern/analog/device/device.h"

namespace quern::analog {

/// What came just before a reading.
enum class PulseBefore : std::int8_t { Down = -1, None = 0, Up = 1 };

struct Reading {
  PulseBefore before = PulseBefore::None;  // None: a new series begins, from whatever state
  double value = 0;                        // finite, within +-1e30
};

/// The readings of one device, in the order in which they were taken.
struct MeasuredDevice {
  std::string name;
  std::vector<Reading> readings;
};

struct PulseRecord {
  std::string source;                   // the file, for messages
  bool conductances = false;            // else the values are weights
  std::vector<MeasuredDevice> devices;  // in the order of their first readings
};

/// Reads a CSV text: a header, then a row for each reading. Columns, in any order, others are ignored:
///   direction               of the pulse before the reading: up, +1 or 1; down or -1; none or 0
///   weight or conductance   what was read
///   device                  any name; without the column all rows are of one device. A column whose name is
///                           nearly that is an error then
/// Their names and directions in capitals or not. Blank lines are skipped, and so are comments: from a # at
/// the start of a line or behind a blank. Throws base::Error with the line and the remedy.
[[nodiscard]] PulseRecord decode_pulses(std::string_view csv, const std::string& name);
[[nodiscard]] PulseRecord read_pulses(const std::filesystem::path& file);

/// What read_pulses reads.
[[nodiscard]] std::string encode_pulses(const PulseRecord& record);

/// An experiment: every device starts at weight 0, then come ramps of pulses up and down in turn.
struct SampleOptions {
  int devices = 50;
  int ramps = 4;
  int ramp_pulses = 0;   // 0: three times as many as the mean device needs from bound to bound
  float read_noise = 0;  // standard deviation of a reading, in weights
  std::uint64_t seed = 1;
};

/// Throws base::Error for an impossible device or numbers out of range.
[[nodiscard]] PulseRecord sample_pulses(const Device& device, const SampleOptions& options);

}  // namespace quern::analog
