// Data sets by name, on small files that the tests make.
#include "quern/analog/data/data_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <set>

#include "quern/run/safetensors.h"
#include "tests/analog/support.h"

namespace quern::analog {
namespace {

Bytes pictures(std::uint32_t count, std::uint8_t first) {
  Bytes data(std::size_t{count} * 784);
  for (std::size_t i = 0; i < data.size(); ++i)
    data[i] = static_cast<std::uint8_t>(first + i % 784 / 28);  // the row
  return idx({count, 28, 28}, data);
}

class DataSets : public DataFolderTest {
 protected:
  void write_mnist(const std::string& folder) {
    write(folder + "/train-images-idx3-ubyte", pictures(3, 0));
    write(folder + "/train-labels-idx1-ubyte", idx({3}, {5, 0, 4}));
    write(folder + "/t10k-images-idx3-ubyte", pictures(2, 100));
    write(folder + "/t10k-labels-idx1-ubyte", idx({2}, {7, 2}));
  }
  [[nodiscard]] DataSet load(const std::string& set, bool crop = false) const {
    return load_data_set({.set = set, .folder = folder_, .crop = crop});
  }
  [[nodiscard]] std::string fault_of(const std::string& set, bool crop = false) const {
    const base::Error error = error_of([&] { (void)load(set, crop); });
    return std::string(error.what()) + " | " + error.hint();
  }
};

TEST_F(DataSets, DigitsAreBuiltIn) {
  const DataSet data = load("digits");
  EXPECT_EQ(data.train.size() + data.test.size(), 1797U);
  EXPECT_EQ(data.test.size(), 360U);
  EXPECT_EQ(data.train.features, 64U);
  EXPECT_EQ(data.classes, 10U);
  EXPECT_EQ(checksum(data), 1342455767U) << "the data and its split are part of what a result means";
  std::array<int, 10> counts{};
  for (const std::uint16_t label : data.test.labels) ++counts.at(label);
  for (const int count : counts) EXPECT_GT(count, 20);
  std::vector<float> sample(64);
  float largest = 0;
  for (std::size_t i = 0; i < data.train.size(); ++i) {
    copy_sample(data.train, i, sample);
    largest = std::max(largest, *std::max_element(sample.begin(), sample.end()));
  }
  EXPECT_EQ(largest, 1.0F);
}

TEST_F(DataSets, MnistIsFoundInItsFolderOrInTheOneGiven) {
  write_mnist("mnist");
  const DataSet data = load("mnist");
  EXPECT_EQ(data.train.labels, (std::vector<std::uint16_t>{5, 0, 4}));
  EXPECT_EQ(data.test.labels, (std::vector<std::uint16_t>{7, 2}));
  std::vector<float> sample(784);
  copy_sample(data.test, 1, sample);
  EXPECT_FLOAT_EQ(sample[28 * 3], 103.0F / 255);
  const DataSet direct = load_data_set({.set = "mnist", .folder = folder_ / "mnist"});
  EXPECT_EQ(checksum(direct), checksum(data));
}

// Its files have the names of MNIST's, so those of a folder for any set may be MNIST's.
TEST_F(DataSets, FashionMnistIsFoundInAFolderOfItsOwnOnly) {
  write_mnist(".");
  EXPECT_EQ(load("mnist").train.size(), 3U);
  EXPECT_NE(fault_of("fashion-mnist").find("into its folder fashion-mnist"), std::string::npos);
  write_mnist("fashion-mnist");
  EXPECT_EQ(load("fashion-mnist").train.size(), 3U);
}

TEST_F(DataSets, CropKeepsTheMiddle) {
  write_mnist("mnist");
  const DataSet data = load("mnist", true);
  EXPECT_EQ(data.train.features, 528U);
  ASSERT_EQ(data.train.pixels.size(), 3U * 528);
  EXPECT_EQ(data.train.pixels[0], 3) << "rows 3 to 24";
  EXPECT_EQ(data.train.pixels[527], 24);
  Bytes columns(784);
  for (std::size_t i = 0; i < 784; ++i) columns[i] = static_cast<std::uint8_t>(i % 28);
  const Samples cropped = crop({.features = 784, .pixels = columns, .labels = {1}}, 28, 3, 2, 22, 24);
  EXPECT_EQ(cropped.pixels.front(), 2);
  EXPECT_EQ(cropped.pixels.back(), 25);
  EXPECT_TRUE(contains(fault_of("digits", true), "data.crop is for pictures of 28x28"));
}

TEST_F(DataSets, BackrandReplacesZerosByNoiseOfTheSeed) {
  write_mnist("mnist");
  const DataSet plain = load("mnist");
  const auto with_seed = [&](std::uint64_t seed) {
    return load_data_set({.set = "mnist-backrand", .folder = folder_, .seed = seed});
  };
  const DataSet data = with_seed(1);
  std::set<std::uint8_t> noise;
  for (std::size_t i = 0; i < plain.train.pixels.size(); ++i) {
    if (plain.train.pixels[i] == 0) {
      noise.insert(data.train.pixels[i]);
    } else {
      EXPECT_EQ(data.train.pixels[i], plain.train.pixels[i]);
    }
  }
  EXPECT_GT(noise.size(), 60U) << "84 background pixels of 256 values";
  EXPECT_EQ(data.train.labels, plain.train.labels);
  EXPECT_EQ(checksum(with_seed(1)), checksum(data));
  EXPECT_NE(checksum(with_seed(2)), checksum(data));
}

// Every value has the same share: 40 x 784 draws, each of 256 values 122.5 times, deviation 11.
TEST(Backrand, NoiseIsUniform) {
  Samples samples{.features = 784, .pixels = Bytes(40 * 784), .labels = std::vector<std::uint16_t>(40)};
  add_random_background(samples, 9);
  std::array<int, 256> counts{};
  for (const std::uint8_t pixel : samples.pixels) ++counts[pixel];
  for (const int count : counts) EXPECT_NEAR(count, 122.5, 5 * 11);
  for (std::size_t i = 1; i < 40; ++i)
    EXPECT_NE(Bytes(samples.pixels.begin(), samples.pixels.begin() + 784),
              Bytes(samples.pixels.begin() + static_cast<std::ptrdiff_t>(i * 784),
                    samples.pixels.begin() + static_cast<std::ptrdiff_t>((i + 1) * 784)));
}

TEST_F(DataSets, MissingFilesSayWhatToPutWhere) {
  const std::string fault = fault_of("mnist");
  EXPECT_TRUE(contains(fault, "no train-images-idx3-ubyte in " + folder_.string()));
  EXPECT_TRUE(contains(fault, "quern data"));
  write_mnist("mnist");
  std::filesystem::remove(folder_ / "mnist/t10k-labels-idx1-ubyte");
  EXPECT_TRUE(contains(fault_of("mnist"), "no t10k-labels-idx1-ubyte"));
}

TEST_F(DataSets, FilesThatDoNotBelongTogetherAreNamed) {
  write_mnist("mnist");
  write("mnist/train-labels-idx1-ubyte", idx({2}, {5, 0}));
  EXPECT_TRUE(contains(fault_of("mnist"), "train-labels-idx1-ubyte: shape [2], must be [3]"));
  write("mnist/train-labels-idx1-ubyte", idx({3}, {5, 10, 0}));
  EXPECT_TRUE(contains(fault_of("mnist"), "label 10 of sample 1 is not in 0..9"));
  write_mnist("mnist");
  write("mnist/train-images-idx3-ubyte", idx({3, 2, 2}, Bytes(12)));
  EXPECT_TRUE(contains(fault_of("mnist"), "train-images-idx3-ubyte: shape [3, 2, 2], must be [n, 28, 28]"));
}

TEST_F(DataSets, CifarJoinsItsBatches) {
  for (int i = 1; i <= 5; ++i) {
    Bytes record(3073, static_cast<std::uint8_t>(i));
    write("cifar-10-batches-bin/data_batch_" + std::to_string(i) + ".bin", record);
  }
  write("cifar-10-batches-bin/test_batch.bin", Bytes(3073, 9));
  const DataSet data = load("cifar10");
  EXPECT_EQ(data.train.labels, (std::vector<std::uint16_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(data.train.features, 3072U);
  EXPECT_EQ(data.test.size(), 1U);
  write("cifar-10-batches-bin/test_batch.bin", Bytes(3073, 10));
  EXPECT_TRUE(contains(fault_of("cifar10"), "label 10 of sample 0"));
  Bytes fine(3074, 0);
  fine[1] = 99;
  write("cifar100/train.bin", fine);
  write("cifar100/test.bin", fine);
  EXPECT_EQ(load("cifar100").train.labels, std::vector<std::uint16_t>{99});
  EXPECT_EQ(load("cifar100").classes, 100U);
}

class Features : public DataSets {
 protected:
  void write_npy() {
    write("f/train_features.npy", npy<float>(npy_header("<f4", "(2, 3)"), {1, 2, 3, 4, 5, 6}));
    write("f/train_labels.npy", npy<std::int64_t>(npy_header("<i8", "(2,)"), {0, 6}));
    write("f/test_features.npy", npy<float>(npy_header("<f4", "(1, 3)"), {7, 8, 9}));
    write("f/test_labels.npy", npy<std::uint8_t>(npy_header("|u1", "(1,)"), {2}));
  }
  [[nodiscard]] std::string fault() const {
    const base::Error error = error_of([&] { load_data_set({.set = "features", .folder = folder_ / "f"}); });
    return std::string(error.what()) + " | " + error.hint();
  }
};

TEST_F(Features, AreReadFromNpyFiles) {
  write_npy();
  const DataSet data = load_data_set({.set = "features", .folder = folder_ / "f"});
  EXPECT_EQ(data.classes, 7U);
  EXPECT_EQ(data.train.labels, (std::vector<std::uint16_t>{0, 6}));
  std::vector<float> sample(3);
  copy_sample(data.train, 1, sample);
  EXPECT_EQ(sample, (std::vector<float>{4, 5, 6}));
}

TEST_F(Features, AreReadFromSafetensors) {
  write_npy();
  write("f.safetensors", run::encode_safetensors({{},
                                                  {{"train.features", {2, 3}, {1, 2, 3, 4, 5, 6}},
                                                   {"train.labels", {2}, {0, 6}},
                                                   {"test.features", {1, 3}, {7, 8, 9}},
                                                   {"test.labels", {1}, {2}}}}));
  EXPECT_EQ(checksum(load_data_set({.set = "features", .folder = folder_ / "f.safetensors"})),
            checksum(load_data_set({.set = "features", .folder = folder_ / "f"})));
  write("g.safetensors", run::encode_safetensors({{}, {{"train.features", {1, 1}, {1}}}}));
  EXPECT_TRUE(contains(
      error_of([&] { load_data_set({.set = "features", .folder = folder_ / "g.safetensors"}); }).what(),
      "no tensor 'train.labels'"));
}

TEST_F(Features, SayWhatIsWrong) {
  EXPECT_TRUE(contains(fault(), "no file or folder"));
  write_npy();
  std::filesystem::remove(folder_ / "f/test_labels.npy");
  EXPECT_TRUE(contains(fault(), "test_labels.npy"));
  write_npy();
  write("f/train_labels.npy", npy<std::int64_t>(npy_header("<i8", "(3,)"), {0, 6, 1}));
  EXPECT_TRUE(contains(fault(), "shape [3], must be [2]"));
  write("f/train_labels.npy", npy<float>(npy_header("<f4", "(2,)"), {0.5F, 1}));
  EXPECT_TRUE(contains(fault(), "of sample 0 is not in"));
  write("f/train_labels.npy", npy<std::int64_t>(npy_header("<i8", "(2,)"), {0, -1}));
  EXPECT_TRUE(contains(fault(), "label -1 of sample 1"));
  write_npy();
  write("f/train_features.npy",
        npy<float>(npy_header("<f4", "(2, 3)"), {1, 2, 3, 4, std::numeric_limits<float>::quiet_NaN(), 6}));
  EXPECT_TRUE(contains(fault(), "feature 1 of sample 1 is not a finite number"));
  write("f/train_features.npy", npy<float>(npy_header("<f4", "(6,)"), {1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(contains(fault(), "must be [samples, features]"));
  write("f/train_features.npy", npy<std::int64_t>(npy_header("<i8", "(2, 3)"), {1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(contains(fault(), "astype"));
  write_npy();
  write("f/test_features.npy", npy<float>(npy_header("<f4", "(1, 2)"), {7, 8}));
  EXPECT_TRUE(contains(fault(), "2 features of a test sample, 3 of a training sample"));
}

TEST(Samples, ShuffledIsAPermutationOfTheSeed) {
  const std::vector<std::size_t> order = shuffled(1000, 5);
  EXPECT_EQ(order, shuffled(1000, 5));
  EXPECT_NE(order, shuffled(1000, 6));
  EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 1000U);
  std::size_t fixed = 0;
  for (std::size_t i = 0; i < order.size(); ++i) fixed += order[i] == i ? 1 : 0;
  EXPECT_LT(fixed, 10U) << "one is expected";
}

TEST(Samples, ChecksumSeesEveryPart) {
  const DataSet data{.name = "a", .classes = 2, .train = {.features = 1, .values = {1, 2}, .labels = {0, 1}}};
  DataSet other = data;
  EXPECT_EQ(checksum(other), checksum(data));
  other.train.values[1] = 3;
  EXPECT_NE(checksum(other), checksum(data));
  other = data;
  other.train.labels[0] = 1;
  EXPECT_NE(checksum(other), checksum(data));
  other = {.name = "a", .classes = 2, .train = {}, .test = data.train};
  EXPECT_NE(checksum(other), checksum(data));
}

}  // namespace
}  // namespace quern::analog
