#include "quern/analog/fit/pulse_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>

#include "quern/analog/device/option_fields_impl.h"
#include "quern/analog/tile/tile.h"
#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"
#include "quern/base/text.h"

namespace quern::analog {
namespace {

constexpr double kLargestValue = 1e30;
constexpr const char* kExample = "for example:\ndevice,direction,weight\nA1,none,0.012\nA1,up,0.015";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t begin = std::min(text.find_first_not_of(kBlank), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

/// The cells of a line, without blanks and quotes around them.
std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  while (true) {
    const std::size_t comma = line.find(',');
    std::string_view cell = trimmed(line.substr(0, comma));
    if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"')
      cell = trimmed(cell.substr(1, cell.size() - 2));
    cells.push_back(cell);
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

/// A line without its comment, which begins with a # at its start or behind a blank: names may hold one.
std::string_view without_comment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1))
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return line.substr(0, at);
  return line;
}

/// What a message shows of a cell.
std::string shown(std::string_view cell) {
  std::string text(cell.substr(0, 40));
  for (char& c : text)
    if (c < ' ' || c > '~') c = '?';
  return text;
}

struct Columns {
  std::size_t direction = 0, value = 0;
  std::optional<std::size_t> device;
  std::size_t count = 0;
};

class PulseDecoder {
 public:
  explicit PulseDecoder(const std::string& name) { record_.source = name; }

  PulseRecord decode(std::string_view csv) {
    if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
    bool header = true;
    for (std::size_t at = 0; at < csv.size();) {
      const std::size_t end = std::min(csv.find('\n', at), csv.size());
      const std::string_view text = csv.substr(at, end - at);
      const std::string_view line = trimmed(without_comment(text));
      at = end + 1;
      ++line_;
      if (line.empty()) continue;
      header ? parse_header(line) : parse_row(line);
      header = false;
    }
    if (header) throw base::Error(fmt::format("{}: no header", record_.source), kExample);
    if (record_.devices.empty())
      throw base::Error(fmt::format("{}: no readings below the header", record_.source), kExample);
    return std::move(record_);
  }

 private:
  PulseRecord record_;
  Columns columns_;
  std::size_t line_ = 0;
  std::unordered_map<std::string, std::size_t> places_;  // of the devices

  [[noreturn]] void fail(const std::string& reason, const std::string& hint) const {
    throw base::Error(fmt::format("{}: line {}: {}", record_.source, line_, reason), hint);
  }

  void parse_header(std::string_view line) {
    std::vector<std::string> names;
    for (const std::string_view cell : cells_of(line)) names.push_back(in_lower_case(cell));
    const auto place_of = [&](std::string_view name) -> std::optional<std::size_t> {
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end()) return std::nullopt;
      if (std::find(found + 1, names.end(), name) != names.end())
        fail(fmt::format("two columns are named '{}'", name), "name each column once");
      return static_cast<std::size_t>(found - names.begin());
    };
    const auto direction = place_of("direction"), weight = place_of("weight"),
               conductance = place_of("conductance");
    if (!direction) fail("no column is named 'direction'", kExample);
    if (!weight && !conductance) fail("no column is named 'weight' or 'conductance'", kExample);
    if (weight && conductance)
      fail("there are columns 'weight' and 'conductance'", "keep one of them, or rename the other");
    const auto device = place_of("device");
    if (!device) refuse_misspelt_device(names);
    record_.conductances = conductance.has_value();
    columns_ = {.direction = *direction,
                .value = weight ? *weight : *conductance,
                .device = device,
                .count = names.size()};
  }

  /// Without its name the column would be ignored, and all readings taken for those of one device.
  void refuse_misspelt_device(const std::vector<std::string>& names) const {
    for (const std::string& name : names)
      if (name.find("device") != std::string::npos || base::nearest_name(name, {"device"}))
        fail(fmt::format("a column is named '{}' and none 'device'", shown(name)),
             "name it 'device' if it tells devices apart, else rename it or leave it out");
  }

  void parse_row(std::string_view line) {
    const std::vector<std::string_view> cells = cells_of(line);
    if (cells.size() != columns_.count)
      fail(fmt::format("{} cells, the header has {}", cells.size(), columns_.count),
           "each row needs all columns, with a comma between them and a point in numbers");
    const std::string name(columns_.device ? cells[*columns_.device] : "");
    if (columns_.device && name.empty())
      fail("the device has no name", "name the device in every row, or leave the column out");
    const auto [place, is_new] = places_.try_emplace(name, record_.devices.size());
    if (is_new) record_.devices.push_back({.name = name, .readings = {}});
    record_.devices[place->second].readings.push_back(
        {.before = direction_of(cells[columns_.direction]), .value = value_of(cells[columns_.value])});
  }

  PulseBefore direction_of(std::string_view written) const {
    const std::string cell = in_lower_case(written);
    if (cell == "up" || cell == "1" || cell == "+1") return PulseBefore::Up;
    if (cell == "down" || cell == "-1") return PulseBefore::Down;
    if (cell == "none" || cell == "0") return PulseBefore::None;
    fail(fmt::format("direction is '{}'", shown(written)),
         "the pulse before the reading is up (or 1), down (or -1), or none (or 0) where a series begins");
  }

  double value_of(std::string_view cell) const {
    const char* const quantity = record_.conductances ? "conductance" : "weight";
    double value = 0;
    const bool plus = cell.starts_with('+') && !cell.starts_with("+-");
    const std::string_view digits = plus ? cell.substr(1) : cell;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || end != digits.data() + digits.size() ||
        (fault != std::errc{} && fault != std::errc::result_out_of_range))
      fail(fmt::format("{} is '{}', which is no number", quantity, shown(cell)),
           "leave out readings that failed, and begin a new series behind them with direction none");
    if (fault != std::errc{} || !(std::abs(value) <= kLargestValue))
      fail(fmt::format("{} is {}", quantity, shown(cell)),
           "numbers must be finite, and at most 1e30 in size");
    return value;
  }
};

}  // namespace

PulseRecord decode_pulses(std::string_view csv, const std::string& name) {
  return PulseDecoder(name).decode(csv);
}

PulseRecord read_pulses(const std::filesystem::path& file) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 31;
  return decode_pulses(base::read_text_file(file, kMostBytes), file.string());
}

std::string encode_pulses(const PulseRecord& record) {
  constexpr std::array kDirections = {"down", "none", "up"};
  const bool named = record.devices.size() != 1 || !record.devices[0].name.empty();
  std::string csv =
      fmt::format("{}direction,{}\n", named ? "device," : "", record.conductances ? "conductance" : "weight");
  for (const MeasuredDevice& device : record.devices) {
    const bool quoted = device.name.starts_with('#');  // else the line would be a comment
    const std::string name = quoted ? '"' + device.name + '"' : device.name;
    for (const Reading& reading : device.readings)
      fmt::format_to(std::back_inserter(csv), "{}{}{},{}\n", name, named ? "," : "",
                     kDirections[static_cast<std::size_t>(static_cast<int>(reading.before) + 1)],
                     reading.value);
  }
  return csv;
}

namespace {

void expect_between(const char* name, double value, double least, double most) {
  if (value >= least && value <= most) return;
  throw base::UsageError(fmt::format("{} is {}", name, value),
                         fmt::format("{} must be between {} and {}", name, least, most));
}

}  // namespace

PulseRecord sample_pulses(const Device& device, const SampleOptions& options) {
  constexpr double kMostReadings = 2e8;
  expect_between("the number of devices", options.devices, 1, 1e6);
  expect_between("the number of ramps", options.ramps, 1, 1e6);
  expect_between("the number of pulses in a ramp", options.ramp_pulses, 0, 1e8);
  expect_between("the read noise", static_cast<double>(options.read_noise), 0, 1e6);
  check(device);
  const PulsedDevice& common = pulsed(device);
  const double range = static_cast<double>(common.w_max) - static_cast<double>(common.w_min);
  const double wanted = options.ramp_pulses > 0
                            ? options.ramp_pulses
                            : std::ceil(3 * range / static_cast<double>(granularity(device)));
  const double readings = (wanted * options.ramps + 1) * options.devices;
  if (readings > kMostReadings)
    throw base::UsageError(fmt::format("{:.3g} readings are too many", readings),
                           fmt::format("at most {:.0e}: fewer devices, ramps or pulses", kMostReadings));
  const auto count = static_cast<std::size_t>(options.devices);
  const auto ramp_pulses = static_cast<std::size_t>(wanted);
  Tile tile = make_tile(1, count, {.device = device}, base::derive_seed(options.seed, 0));
  PulseRecord record{.source = "sample", .devices = std::vector<MeasuredDevice>(count)};
  for (std::size_t i = 0; i < count; ++i) record.devices[i].name = fmt::format("d{}", i);
  std::vector<float> noise(count);
  const auto read_all = [&](PulseBefore before, std::size_t index) {
    const std::vector<float> values = weights(tile);
    std::ranges::fill(noise, 0.0F);
    base::add_normals(noise, base::derive_seed(options.seed, 1), options.read_noise, index * count);
    for (std::size_t i = 0; i < count; ++i)
      record.devices[i].readings.push_back(
          {.before = before, .value = shortest_double(values[i] + noise[i])});
  };
  std::size_t index = 0;
  read_all(PulseBefore::None, index++);
  for (int ramp = 0; ramp < options.ramps; ++ramp) {
    const bool up = ramp % 2 == 0;
    const std::vector<int> pulses(count, up ? 1 : -1);
    for (std::size_t pulse = 0; pulse < ramp_pulses; ++pulse) {
      send_pulses(tile, 0, pulses);
      read_all(up ? PulseBefore::Up : PulseBefore::Down, index++);
    }
  }
  return record;
}

}  // namespace quern::analog
