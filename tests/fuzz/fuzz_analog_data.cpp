// Files of data sets and the state of an analog run: the decoders throw base::Error or return arrays that fit
// their shapes.

#include <cstring>
#include <numeric>
#include <span>
#include <variant>

#include "fuzz_target.h"
#include "quern/analog/data/array_file.h"
#include "quern/analog/data/digits.h"
#include "quern/analog/data/gzip.h"
#include "quern/analog/network/checkpoint.h"
#include "quern/base/error.h"

namespace {

using namespace quern;

std::string text_of(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

std::string npy(const std::string& type, const std::string& shape, std::size_t bytes) {
  std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize(118, ' ');
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + std::string(bytes, '\x40');
}

analog::Network tiny_network() {
  analog::NetworkSettings settings{.sizes = {3, 2}, .tiles = {}};
  settings.tiles.tile = analog::TileOptions{};
  settings.tiles.max_inputs = 2;
  return analog::make_network(settings);
}

void check(const analog::Array& array) {
  const std::size_t count =
      std::accumulate(array.shape.begin(), array.shape.end(), std::size_t{1}, std::multiplies<>());
  require(std::visit([](const auto& values) { return values.size(); }, array.values) == count,
          "an array has as many values as its shape");
}

}  // namespace

std::vector<std::string> fuzz_seeds() {
  const std::string idx(
      "\0\0\x08\x02\0\0\0\x02\0\0\0\x03"
      "abcdef",
      18);
  return {idx,
          std::string("\0\0\x08\x01\0\0\0\x01"
                      "a",
                      9),
          text_of(analog::digits_labels()),
          npy("<f4", "(2, 3)", 24),
          npy("|u1", "(5,)", 5),
          npy("<f2", "(1, 2, 3)", 12),
          npy("<i8", "(2,)", 16),
          npy("<f8", "()", 8),
          std::string(3073, '\x05'),
          text_of(analog::encode_state(3, 4, {.epoch = 1, .network = tiny_network()}))};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  const auto attempt = [](const auto& decode) {
    try {
      decode();
    } catch (const base::Error&) {
      // What a user sees.
    }
  };
  attempt([&] { check(analog::decode_idx(bytes, "images")); });
  attempt([&] { check(analog::decode_npy(bytes, "x.npy")); });
  attempt([&] {
    const analog::CifarRecords records = analog::decode_cifar(bytes, 1, "a.bin");
    require(records.pixels.size() == records.labels.size() * analog::kCifarPixels,
            "every label has its pixels");
  });
  attempt([&] {
    require(analog::unpack_gzip(bytes, "a.gz", 1 << 16).size() <= 1 << 16, "the limit of unpacking holds");
  });
  attempt([&] {
    const analog::SavedState saved = analog::decode_state(bytes, tiny_network(), "state.bin");
    const auto once = analog::encode_state(saved.metrics_records, saved.data_checksum, saved.state);
    require(once.size() == size && std::memcmp(once.data(), data, size) == 0,
            "a state that is read is the state that was written");
  });
  return 0;
}
