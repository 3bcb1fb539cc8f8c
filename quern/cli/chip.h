#pragma once
// What `quern chip` prints, for other commands that have a chip and a network.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "quern/analog/chip/chip.h"
#include "quern/run/options.h"

namespace quern::cli {

struct ChipReport {
  run::Config config;  // of read_chip_config
  std::vector<analog::ChipLayer> layers;
  std::string work;                // "one whole tile", "network 528-250-125-10 of run k7q2"
  bool all_sensitivities = false;  // else the ten largest
};

/// Prints a table for people on stdout.
void print_chip_report(const ChipReport& report);
nlohmann::json chip_report_json(const ChipReport& report);
/// The energy of a training example by part and pass, as an SVG picture.
std::string draw_chip_energy(const ChipReport& report);

}  // namespace quern::cli
