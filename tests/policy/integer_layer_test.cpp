#include "quern/policy/integer_layer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace quern::policy {
namespace {

// tiny has 8 channels between its convolutions, nature 32: pieces of words and of vectors.
class StoreActivations : public testing::TestWithParam<std::string> {
 protected:
  const std::vector<IntegerLayer> layers_ = make_layers(make_network(GetParam(), 6));
  const IntegerLayer &from_ = layers_[0], &to_ = layers_[1];
  std::vector<std::uint8_t> input_ = std::vector<std::uint8_t>(to_.input_bytes);
  std::vector<PixelMask> changed_ = std::vector<PixelMask>(static_cast<std::size_t>(from_.shape.out_height));
  std::vector<std::uint16_t> positions_ = {0, 1, 19, 45, 113, 399};

  /// The places whose bits are set after storing these, [positions, outputs].
  std::vector<std::uint16_t> store(const std::vector<std::uint8_t>& activations) {
    std::fill(changed_.begin(), changed_.end(), PixelMask{});
    store_activations(from_, to_, positions_, activations.data(), input_.data(), changed_.data());
    const auto width = static_cast<std::size_t>(from_.shape.out_width);
    std::vector<std::uint16_t> marked;
    for (std::size_t i = 0; i < from_.positions; ++i)
      if ((changed_[i / width].low >> i % width & 1) != 0) marked.push_back(static_cast<std::uint16_t>(i));
    for (const PixelMask& row : changed_) {
      EXPECT_EQ(row.low >> width, 0U);
      EXPECT_EQ(row.high, 0U);
    }
    return marked;
  }
};

TEST_P(StoreActivations, MarksThePositionsThatChangeAndNoOthers) {
  ASSERT_EQ(from_.positions, 400U);
  const auto channels = static_cast<std::size_t>(from_.shape.out_channels);
  std::vector<std::uint8_t> activations(positions_.size() * from_.outputs);
  for (std::size_t i = 0; i < activations.size(); ++i)
    activations[i] = static_cast<std::uint8_t>(i % from_.outputs < channels ? 1 + i % 101 : 0);
  EXPECT_EQ(store(activations), positions_);
  std::size_t written = 0;
  for (std::size_t p = 0; p < positions_.size(); ++p)
    for (std::size_t c = 0; c < channels; ++c, ++written)
      EXPECT_EQ(input_[from_.targets[positions_[p]] + c], activations[p * from_.outputs + c]) << p;
  EXPECT_EQ(input_.size() - static_cast<std::size_t>(std::count(input_.begin(), input_.end(), 0)), written)
      << "nothing else is written";

  EXPECT_TRUE(store(activations).empty()) << "nothing has changed";
  for (std::size_t p = 0; p < positions_.size(); ++p)
    for (const std::size_t channel : {std::size_t{0}, channels - 1}) {
      activations[p * from_.outputs + channel] ^= 0x40;
      EXPECT_EQ(store(activations), std::vector{positions_[p]}) << channel;
    }
}

INSTANTIATE_TEST_SUITE_P(, StoreActivations, testing::Values("tiny", "nature"));

}  // namespace
}  // namespace quern::policy
