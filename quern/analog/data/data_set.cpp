#include "quern/analog/data/data_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "quern/analog/data/array_file.h"
#include "quern/analog/data/digits.h"
#include "quern/analog/data/gzip.h"
#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/base/philox.h"
#include "quern/run/safetensors.h"

namespace quern::analog {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 34;
constexpr std::size_t kMaxClasses = 1000;
constexpr std::uint64_t kDigitsSplitSeed = 1797;  // fixed: the test samples are always the same
constexpr std::size_t kDigitsTest = 360;          // a fifth, as is usual for this set

const KnownSet* find_set(const std::string& name) {
  const std::vector<KnownSet>& sets = known_sets();
  const auto found =
      std::find_if(sets.begin(), sets.end(), [&](const KnownSet& s) { return s.name == name; });
  return found == sets.end() ? nullptr : &*found;
}

/// The file's path and content; throws with where it was looked for.
std::pair<fs::path, std::vector<std::uint8_t>> read_known_file(const fs::path& folder, const KnownSet& set,
                                                               const KnownFile& file) {
  const fs::path path = find_data_file(folder, set, file);
  if (path.empty()) {
    throw base::Error(
        fmt::format("data set {}: no {} in {}", set.name, file.name, folder.string()),
        fmt::format(
            "put it {}into its folder {}, packed with gzip or not; data.dir or QUERN_DATA names another "
            "folder, and `quern data` lists what is found",
            set.own_names ? "there or " : "", set.folders.front()));
  }
  std::vector<std::uint8_t> bytes = base::read_file(path, kMaxFileBytes);
  if (is_gzip(bytes)) bytes = unpack_gzip(bytes, path.string());
  return {path, std::move(bytes)};
}

[[noreturn]] void fail_shape(const std::string& name, const std::string& reason) {
  throw base::Error(fmt::format("{}: {}", name, reason),
                    "images and labels must be those of the same data set");
}

/// Labels below classes, or, where classes is 0, any that a network can have outputs for.
std::vector<std::uint16_t> check_labels(const std::vector<std::int64_t>& labels, std::size_t classes,
                                        const std::string& name) {
  const std::size_t bound = classes > 0 ? classes : kMaxClasses;
  std::vector<std::uint16_t> checked(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= static_cast<std::int64_t>(bound)) {
      throw base::Error(
          fmt::format("{}: label {} of sample {} is not in 0..{}", name, labels[i], i, bound - 1),
          "labels must be whole numbers that count the classes from 0");
    }
    checked[i] = static_cast<std::uint16_t>(labels[i]);
  }
  return checked;
}

Samples samples_of_idx(const Array& images, const Array& labels, std::size_t side,
                       const std::string& images_name, const std::string& labels_name) {
  if (images.shape.size() != 3 || images.shape[0] == 0 || images.shape[1] != side ||
      images.shape[2] != side) {
    fail_shape(images_name,
               fmt::format("shape {}, must be [n, {}, {}]", shape_text(images.shape), side, side));
  }
  if (labels.shape.size() != 1 || labels.shape[0] != images.shape[0]) {
    fail_shape(labels_name, fmt::format("shape {}, must be [{}], one for each picture in {}",
                                        shape_text(labels.shape), images.shape[0], images_name));
  }
  const auto& bytes = std::get<std::vector<std::uint8_t>>(labels.values);
  Samples samples{.features = side * side, .pixels = std::get<std::vector<std::uint8_t>>(images.values)};
  samples.labels = check_labels({bytes.begin(), bytes.end()}, 10, labels_name);
  return samples;
}

Samples read_idx_pair(const fs::path& folder, const KnownSet& set, const KnownFile& images,
                      const KnownFile& labels) {
  const auto [images_path, images_bytes] = read_known_file(folder, set, images);
  const auto [labels_path, labels_bytes] = read_known_file(folder, set, labels);
  return samples_of_idx(decode_idx(images_bytes, images_path.string()),
                        decode_idx(labels_bytes, labels_path.string()), 28, images_path.string(),
                        labels_path.string());
}

Samples read_cifar(const fs::path& folder, const KnownSet& set, std::span<const KnownFile> files,
                   std::size_t label_bytes, std::size_t classes) {
  Samples samples{.features = kCifarPixels};
  for (const KnownFile& file : files) {
    const auto [path, bytes] = read_known_file(folder, set, file);
    const CifarRecords records = decode_cifar(bytes, label_bytes, path.string());
    const auto labels = check_labels({records.labels.begin(), records.labels.end()}, classes, path.string());
    samples.pixels.insert(samples.pixels.end(), records.pixels.begin(), records.pixels.end());
    samples.labels.insert(samples.labels.end(), labels.begin(), labels.end());
  }
  return samples;
}

DataSet embedded_digits() {
  constexpr std::size_t kSide = 8;
  constexpr const char *kImages = "embedded digits", *kLabels = "embedded labels";
  Samples all =
      samples_of_idx(decode_idx(unpack_gzip(digits_images(), kImages), kImages),
                     decode_idx(unpack_gzip(digits_labels(), kLabels), kLabels), kSide, kImages, kLabels);
  all.pixel_unit = 1.0F / 16;
  const std::vector<std::size_t> order = shuffled(all.size(), kDigitsSplitSeed);
  const std::span<const std::size_t> indices(order);
  return {.name = "digits",
          .classes = 10,
          .train = select(all, indices.subspan(kDigitsTest)),
          .test = select(all, indices.first(kDigitsTest))};
}

// ---- features
// ---------------------------------------------------------------------------------------------------

struct Part {
  Array array;
  std::string name;  // for messages
};

Samples samples_of_features(Part features, Part labels) {
  const std::vector<std::size_t>& shape = features.array.shape;
  if (shape.size() != 2 || shape[0] == 0 || shape[1] == 0)
    fail_shape(features.name, fmt::format("shape {}, must be [samples, features]", shape_text(shape)));
  if (labels.array.shape.size() != 1 || labels.array.shape[0] != shape[0]) {
    fail_shape(labels.name, fmt::format("shape {}, must be [{}], one for each sample in {}",
                                        shape_text(labels.array.shape), shape[0], features.name));
  }
  Samples samples{.features = shape[1]};
  if (auto* bytes = std::get_if<std::vector<std::uint8_t>>(&features.array.values)) {
    samples.pixels = std::move(*bytes);
  } else if (auto* floats = std::get_if<std::vector<float>>(&features.array.values)) {
    samples.values = std::move(*floats);
    const auto bad =
        std::find_if(samples.values.begin(), samples.values.end(), [](float v) { return !std::isfinite(v); });
    if (bad != samples.values.end()) {
      const auto at = static_cast<std::size_t>(bad - samples.values.begin());
      throw base::Error(fmt::format("{}: feature {} of sample {} is not a finite number", features.name,
                                    at % shape[1], at / shape[1]),
                        "look for what made it where the features were computed");
    }
  } else {
    throw base::Error(fmt::format("{}: integers, but features must be floats or bytes", features.name),
                      "save it with array.astype('float32')");
  }
  std::vector<std::int64_t> whole;
  if (const auto* bytes = std::get_if<std::vector<std::uint8_t>>(&labels.array.values)) {
    whole.assign(bytes->begin(), bytes->end());
  } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&labels.array.values)) {
    whole = *integers;
  } else {
    for (const float value : std::get<std::vector<float>>(labels.array.values)) {
      const bool fits = value >= 0 && value < static_cast<float>(kMaxClasses) && value == std::floor(value);
      whole.push_back(fits ? static_cast<std::int64_t>(value) : -1);
    }
  }
  samples.labels = check_labels(whole, 0, labels.name);
  return samples;
}

Part tensor_part(const run::SafetensorsFile& file, const std::string& tensor, const std::string& path) {
  const auto found = std::find_if(file.tensors.begin(), file.tensors.end(),
                                  [&](const run::Tensor& t) { return t.name == tensor; });
  if (found == file.tensors.end()) {
    throw base::Error(fmt::format("{}: it has no tensor '{}'", path, tensor),
                      "it must have train.features, train.labels, test.features and test.labels");
  }
  return {.array = {.shape = {found->shape.begin(), found->shape.end()}, .values = found->values},
          .name = fmt::format("{}: tensor '{}'", path, tensor)};
}

Part npy_part(const fs::path& folder, const char* name) {
  const fs::path path = folder / name;
  return {.array = decode_npy(base::read_file(path, kMaxFileBytes), path.string()), .name = path.string()};
}

DataSet read_features(const fs::path& path) {
  DataSet data{.name = "features"};
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    data.train =
        samples_of_features(npy_part(path, "train_features.npy"), npy_part(path, "train_labels.npy"));
    data.test = samples_of_features(npy_part(path, "test_features.npy"), npy_part(path, "test_labels.npy"));
  } else if (fs::exists(path, ignored)) {
    const run::SafetensorsFile file =
        run::decode_safetensors(base::read_file(path, kMaxFileBytes), path.string());
    const auto part = [&](const char* name) { return tensor_part(file, name, path.string()); };
    data.train = samples_of_features(part("train.features"), part("train.labels"));
    data.test = samples_of_features(part("test.features"), part("test.labels"));
  } else {
    throw base::Error(fmt::format("data set features: no file or folder {}", path.string()),
                      "data.dir must name a .safetensors file, or a folder with train_features.npy, "
                      "train_labels.npy, test_features.npy and test_labels.npy");
  }
  if (data.test.features != data.train.features) {
    fail_shape(path.string(), fmt::format("{} features of a test sample, {} of a training sample",
                                          data.test.features, data.train.features));
  }
  const auto largest = [](const Samples& s) { return *std::max_element(s.labels.begin(), s.labels.end()); };
  data.classes = std::max<std::size_t>(2, 1 + std::max(largest(data.train), largest(data.test)));
  return data;
}

constexpr const char* kMnistTerms = "LeCun, Cortes, Burges; commonly given as CC BY-SA 3.0";

}  // namespace

const std::vector<KnownSet>& known_sets() {
  // MD5 sums: measured on the published files.
  static const std::vector<KnownSet> sets = {
      {.name = "mnist",
       .content = "60,000 + 10,000 pictures of 28x28",
       .folders = {"mnist", "MNIST/raw"},
       .files = {{"train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"},
                 {"train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"},
                 {"t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"},
                 {"t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"}},
       .terms = kMnistTerms},
      {.name = "fashion-mnist",
       .content = "60,000 + 10,000 pictures of 28x28",
       .folders = {"fashion-mnist", "FashionMNIST/raw"},
       .files = {{"train-images-idx3-ubyte"},
                 {"train-labels-idx1-ubyte"},
                 {"t10k-images-idx3-ubyte"},
                 {"t10k-labels-idx1-ubyte"}},
       .terms = "MIT, Zalando SE",
       .own_names = false},
      {.name = "cifar10",
       .content = "50,000 + 10,000 pictures of 32x32x3",
       .folders = {"cifar10", "cifar-10-batches-bin"},
       .files = {{"data_batch_1.bin"},
                 {"data_batch_2.bin"},
                 {"data_batch_3.bin"},
                 {"data_batch_4.bin"},
                 {"data_batch_5.bin"},
                 {"test_batch.bin"}},
       .terms = "Krizhevsky 2009, free for research"},
      {.name = "cifar100",
       .content = "50,000 + 10,000 pictures of 32x32x3",
       .folders = {"cifar100", "cifar-100-binary"},
       .files = {{"train.bin"}, {"test.bin"}},
       .terms = "Krizhevsky 2009, free for research"},
  };
  return sets;
}

std::vector<std::string> data_set_names() {
  return {"digits", "mnist", "mnist-backrand", "fashion-mnist", "cifar10", "cifar100", "features"};
}

fs::path find_data_file(const fs::path& folder, const KnownSet& set, const KnownFile& file) {
  std::vector<fs::path> places;
  for (const std::string& name : set.folders) places.push_back(folder / name);
  if (set.own_names) places.push_back(folder);
  for (const fs::path& place : places) {
    for (const char* ending : {"", ".gz"}) {
      fs::path path = place / (file.name + ending);
      std::error_code ignored;
      if (fs::is_regular_file(path, ignored)) return path;
    }
  }
  return {};
}

DataSet load_data_set(const DataSettings& settings) {
  const bool backrand = settings.set == "mnist-backrand";
  const bool is_mnist = backrand || settings.set == "mnist" || settings.set == "fashion-mnist";
  if (settings.crop && !is_mnist) {
    throw base::UsageError(fmt::format("data.crop is for pictures of 28x28, not for {}", settings.set),
                           "set data.crop=false");
  }
  if (settings.set == "digits") return embedded_digits();
  if (settings.set == "features") return read_features(settings.folder);
  const KnownSet* set = find_set(backrand ? "mnist" : settings.set);
  if (set == nullptr) {
    throw base::UsageError(fmt::format("there is no data set '{}'", settings.set),
                           fmt::format("the data sets are {}", fmt::join(data_set_names(), ", ")));
  }
  DataSet data{.name = settings.set};
  const std::span<const KnownFile> files(set->files);
  if (is_mnist) {
    data.classes = 10;
    data.train = read_idx_pair(settings.folder, *set, files[0], files[1]);
    data.test = read_idx_pair(settings.folder, *set, files[2], files[3]);
  } else {
    const bool fine = settings.set == "cifar100";
    data.classes = fine ? 100 : 10;
    data.train = read_cifar(settings.folder, *set, files.first(files.size() - 1), fine ? 2 : 1, data.classes);
    data.test = read_cifar(settings.folder, *set, files.last(1), fine ? 2 : 1, data.classes);
  }
  if (backrand) {
    add_random_background(data.train, base::derive_seed(settings.seed, 0));
    add_random_background(data.test, base::derive_seed(settings.seed, 1));
  }
  if (settings.crop) {
    // 22 rows and 24 columns of 28x28; which ones is UNVERIFIED: the middle.
    for (Samples* samples : {&data.train, &data.test}) *samples = crop(*samples, 28, 3, 2, 22, 24);
  }
  return data;
}

}  // namespace quern::analog
