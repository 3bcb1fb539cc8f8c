// The file of recorded vectors that the benchmarks replay.
#include "bench/vector_trace.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "bench/replay_vectors.h"

namespace quern::bench {
namespace {

VectorTrace small_trace() {
  VectorTrace trace{.layers = {{3, 2}, {2, 1}}, .samples = 2, .learning_rate = 0.25F};
  for (std::size_t i = 0; i < 2 * trace.sample_size(); ++i) trace.values.push_back(static_cast<float>(i));
  return trace;
}

class VectorTraceFile : public testing::Test {
 protected:
  std::string path_ = testing::TempDir() + "quern_vector_trace_test.trace";
  void TearDown() override { std::filesystem::remove(path_); }

  void expect_error(const std::string& part) {
    try {
      (void)read_trace(path_);
      ADD_FAILURE() << part;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
    }
  }
};

TEST_F(VectorTraceFile, IsReadAsItWasWritten) {
  const VectorTrace trace = small_trace();
  write_trace(path_, trace);
  EXPECT_EQ(std::filesystem::file_size(path_), 8 + 3 * 4 + 2 * 8 + 2 * 8 * 4U);
  const VectorTrace read = read_trace(path_);
  ASSERT_EQ(read.layers.size(), 2U);
  EXPECT_EQ(read.layers[1].inputs, 2U);
  EXPECT_EQ(read.samples, 2U);
  EXPECT_EQ(read.learning_rate, 0.25F);
  EXPECT_EQ(read.values, trace.values);
}

TEST_F(VectorTraceFile, GivesEachLayerItsVectors) {
  std::vector<float> firsts;
  for_each_vector(small_trace(), [&](std::size_t layer, const float* x, const float* delta) {
    EXPECT_EQ(delta - x, layer == 0 ? 3 : 2);
    firsts.push_back(*x);
  });
  EXPECT_EQ(firsts, (std::vector<float>{0, 5, 8, 13}));
}

TEST_F(VectorTraceFile, ThatIsNoneIsAnError) {
  expect_error("cannot read");
  write_trace(path_, small_trace());
  std::filesystem::resize_file(path_, 60);
  expect_error("ends too early");
  std::filesystem::resize_file(path_, 5);
  expect_error("ends too early");
  VectorTrace none = small_trace();
  none.layers.clear();
  write_trace(path_, none);
  expect_error("layers");
  std::FILE* file = std::fopen(path_.c_str(), "wb");
  std::fputs("something else altogether", file);
  std::fclose(file);
  expect_error("QVTRACE1");
}

}  // namespace
}  // namespace quern::bench
