#include "quern/run/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <utility>

#include "quern/base/error.h"

// The format: https://huggingface.co/docs/safetensors, "Format". F32 alone is read and written here.

namespace quern::run {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor data is copied as it lies in memory");

using Json = nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the limit of the reference implementation
constexpr const char* kMetadataKey = "__metadata__";

/// Decodes one file; every fault is a base::Error that names the file and the place in it.
class Decoder {
 public:
  Decoder(std::span<const std::uint8_t> bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  SafetensorsFile decode() {
    const Json header = parse_header();
    SafetensorsFile file;
    std::vector<Entry> entries;
    for (const auto& [key, value] : header.items()) {
      if (key == kMetadataKey) {
        file.metadata = parse_metadata(value);
      } else {
        entries.push_back(parse_entry(key, value));
      }
    }
    // Offsets decide the order; empty tensors at the same offset come by name.
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t covered = 0;
    for (Entry& entry : entries) {
      if (entry.begin != covered) {
        fail(fmt::format("tensor '{}': data begins at {}, but must begin at {}, where the one before ends",
                         entry.tensor.name, entry.begin, covered));
      }
      covered = entry.end;
      if (covered > data_.size()) {
        fail(fmt::format("tensor '{}': data ends at {}, but the file has only {} bytes of data",
                         entry.tensor.name, covered, data_.size()));
      }
      entry.tensor.values.resize(static_cast<std::size_t>(entry.end - entry.begin) / sizeof(float));
      if (entry.begin != entry.end) {
        std::memcpy(entry.tensor.values.data(), data_.data() + entry.begin,
                    static_cast<std::size_t>(entry.end - entry.begin));
      }
      file.tensors.push_back(std::move(entry.tensor));
    }
    if (covered != data_.size()) {
      fail(fmt::format("the tensors cover {} of {} bytes of data", covered, data_.size()));
    }
    return file;
  }

 private:
  struct Entry {
    Tensor tensor;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  Json parse_header() {
    if (bytes_.size() < kLengthBytes) {
      fail(fmt::format("{} bytes are too few for the header's length of 8 bytes", bytes_.size()));
    }
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), kLengthBytes);
    if (length > kMaxHeaderBytes) {
      fail(fmt::format("header length {} is over the limit of {}", length, kMaxHeaderBytes));
    }
    if (length > bytes_.size() - kLengthBytes) {
      fail(fmt::format("header length {} is over the {} bytes that follow it", length,
                       bytes_.size() - kLengthBytes));
    }
    const auto text = bytes_.subspan(kLengthBytes, static_cast<std::size_t>(length));
    data_ = bytes_.subspan(kLengthBytes + static_cast<std::size_t>(length));
    if (text.empty() || text.front() != '{') fail("the header is not a JSON object");
    // The parser would silently keep one of two equal keys.
    std::vector<std::set<std::string>> keys;
    std::string duplicate;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (event == Json::parse_event_t::key) {
        keys.resize(std::max(keys.size(), static_cast<std::size_t>(depth) + 1));
        const std::string& key = parsed.get_ref<const std::string&>();
        if (!keys[static_cast<std::size_t>(depth)].insert(key).second) duplicate = key;
      } else if (event == Json::parse_event_t::object_start) {
        const auto inside = static_cast<std::size_t>(depth) + 1;
        if (inside < keys.size()) keys[inside].clear();
      }
      return true;
    };
    try {
      Json header = Json::parse(text.begin(), text.end(), watch);
      if (!duplicate.empty()) fail(fmt::format("header: key '{}' appears twice", duplicate));
      return header;
    } catch (const Json::parse_error& error) {
      fail(fmt::format("header: not valid JSON at byte {}", error.byte));
    } catch (const Json::out_of_range&) {
      fail("header: a number is too large");
    }
  }

  std::map<std::string, std::string> parse_metadata(const Json& value) {
    if (!value.is_object()) fail("header: __metadata__ is not an object");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail(fmt::format("header: __metadata__ '{}' is not a string", key));
      metadata.emplace(key, text.get<std::string>());
    }
    return metadata;
  }

  Entry parse_entry(const std::string& key, const Json& value) {
    const auto fault = [&](const std::string& reason) { fail(fmt::format("tensor '{}': {}", key, reason)); };
    if (!value.is_object()) fault("its entry is not an object");
    const auto dtype = value.find("dtype");
    if (dtype == value.end() || !dtype->is_string()) fault("dtype is missing");
    if (*dtype != "F32") fault(fmt::format("dtype is {}, but must be F32", dtype->get<std::string>()));
    const auto shape = value.find("shape");
    if (shape == value.end() || !shape->is_array()) fault("shape is missing");
    const auto offsets = value.find("data_offsets");
    if (offsets == value.end() || !offsets->is_array() || offsets->size() != 2 ||
        !(*offsets)[0].is_number_unsigned() || !(*offsets)[1].is_number_unsigned()) {
      fault("data_offsets is not a pair of offsets");
    }

    Entry entry;
    entry.tensor.name = key;
    entry.begin = (*offsets)[0].get<std::uint64_t>();
    entry.end = (*offsets)[1].get<std::uint64_t>();
    if (entry.begin > entry.end)
      fault(fmt::format("data_offsets [{}, {}] run backwards", entry.begin, entry.end));
    std::uint64_t bytes = sizeof(float);
    for (const Json& size : *shape) {
      if (!size.is_number_unsigned() || !std::in_range<std::int64_t>(size.get<std::uint64_t>())) {
        fault("shape holds something else than sizes");
      }
      entry.tensor.shape.push_back(size.get<std::int64_t>());
      if (__builtin_mul_overflow(bytes, size.get<std::uint64_t>(), &bytes)) fault("shape is too large");
    }
    if (bytes != entry.end - entry.begin) {
      fault(fmt::format("shape needs {} bytes, but data_offsets [{}, {}] hold {}", bytes, entry.begin,
                        entry.end, entry.end - entry.begin));
    }
    return entry;
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw base::Error(fmt::format("{}: {}", name_, reason),
                      "the file is damaged, or no safetensors file of 32-bit floats");
  }

  std::span<const std::uint8_t> bytes_;
  std::span<const std::uint8_t> data_;
  const std::string& name_;
};

[[noreturn]] void reject(const std::string& rule, const std::string& got) {
  throw std::invalid_argument(fmt::format("[encode_safetensors] {}, got {}", rule, got));
}

}  // namespace

std::vector<std::uint8_t> encode_safetensors(const SafetensorsFile& file) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();  // in the order of the tensors
  if (!file.metadata.empty()) header[kMetadataKey] = file.metadata;
  std::uint64_t offset = 0;
  for (const Tensor& tensor : file.tensors) {
    std::uint64_t size = 1;
    for (const std::int64_t extent : tensor.shape) {
      if (extent < 0 || __builtin_mul_overflow(size, static_cast<std::uint64_t>(extent), &size)) {
        reject("sizes must be >= 0 and their product fit 64 bits",
               fmt::format("{} in '{}'", extent, tensor.name));
      }
    }
    if (size != tensor.values.size()) {
      reject(fmt::format("'{}' must have {} values", tensor.name, size),
             std::to_string(tensor.values.size()));
    }
    if (tensor.name == kMetadataKey || header.contains(tensor.name)) {
      reject("names of tensors must be unique and not __metadata__", fmt::format("'{}'", tensor.name));
    }
    const std::uint64_t end = offset + size * sizeof(float);
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const Json::type_error&) {
    throw std::invalid_argument("[encode_safetensors] names and metadata must be UTF-8");
  }
  // Spaces align the data to 8 bytes, as the reference implementation does.
  text.append((8 - text.size() % 8) % 8, ' ');

  std::vector<std::uint8_t> bytes(kLengthBytes + text.size() + static_cast<std::size_t>(offset));
  const std::uint64_t length = text.size();
  std::memcpy(bytes.data(), &length, kLengthBytes);
  std::memcpy(bytes.data() + kLengthBytes, text.data(), text.size());
  std::uint8_t* data = bytes.data() + kLengthBytes + text.size();
  for (const Tensor& tensor : file.tensors) {
    if (tensor.values.empty()) continue;
    std::memcpy(data, tensor.values.data(), tensor.values.size() * sizeof(float));
    data += tensor.values.size() * sizeof(float);
  }
  return bytes;
}

SafetensorsFile decode_safetensors(std::span<const std::uint8_t> bytes, const std::string& name) {
  return Decoder(bytes, name).decode();
}

}  // namespace quern::run
