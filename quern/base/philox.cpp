#include "quern/base/philox.h"

#include "quern/base/assert.h"
#include "quern/base/philox_impl.h"

namespace quern::base {
namespace {

std::array<std::uint32_t, 4> block_of(std::uint64_t seed, std::uint64_t block, PhiloxStream stream) noexcept {
  return philox4x32({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
                     static_cast<std::uint32_t>(stream), 0},
                    {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) noexcept {
  for (int round = 0; round < kPhiloxRounds; ++round) {
    philox_round(counter[0], counter[1], counter[2], counter[3], key[0], key[1]);
    key[0] += kPhiloxKeyStep0;
    key[1] += kPhiloxKeyStep1;
  }
  return counter;
}

std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t index) noexcept {
  const auto words = block_of(seed, index, PhiloxStream::Seeds);
  return words[0] | std::uint64_t{words[1]} << 32;
}

std::uint32_t CounterRng::next_u32() noexcept {
  const auto word = static_cast<std::size_t>(position_ % 4);
  if (word == 0) block_ = block_of(seed_, position_ / 4, PhiloxStream::Draws);
  ++position_;
  return block_[word];
}

std::uint64_t CounterRng::next_u64() noexcept {
  const std::uint64_t low = next_u32();
  return low | std::uint64_t{next_u32()} << 32;
}

// Lemire, "Fast random integer generation in an interval" (2019): the high half of word * bound, after
// rejecting the 2^32 mod bound words that some results would have too many of.
std::uint32_t CounterRng::below(std::uint32_t bound) noexcept {
  QUERN_ASSERT(bound >= 1);
  std::uint64_t product = std::uint64_t{next_u32()} * bound;
  if (static_cast<std::uint32_t>(product) < bound) {
    const std::uint32_t rejected = (0U - bound) % bound;
    while (static_cast<std::uint32_t>(product) < rejected) product = std::uint64_t{next_u32()} * bound;
  }
  return static_cast<std::uint32_t>(product >> 32);
}

double CounterRng::next_double() noexcept {
  return static_cast<double>(next_u64() >> 11) * 0x1p-53;
}

}  // namespace quern::base
