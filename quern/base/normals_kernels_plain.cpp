#include <array>
#include <cmath>

#include "quern/base/normals_impl.h"
#include "quern/base/normals_kernels.h"
#include "quern/base/philox_impl.h"

namespace quern::base {
namespace {

using Words = std::array<std::uint32_t, kGroupBlocks>;
using Floats = std::array<float, kGroupBlocks>;

// The four words of the Philox blocks first_block, first_block + 1, ...
void fill_words(std::uint64_t seed, std::uint64_t first_block, std::array<Words, 4>& words) noexcept {
  for (std::size_t i = 0; i < kGroupBlocks; ++i) {
    words[0][i] = static_cast<std::uint32_t>(first_block + i);
    words[1][i] = static_cast<std::uint32_t>((first_block + i) >> 32);
    words[2][i] = static_cast<std::uint32_t>(PhiloxStream::Normals);
    words[3][i] = 0;
  }
  auto k0 = static_cast<std::uint32_t>(seed), k1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < kPhiloxRounds; ++round, k0 += kPhiloxKeyStep0, k1 += kPhiloxKeyStep1)
    for (std::size_t i = 0; i < kGroupBlocks; ++i)
      philox_round(words[0][i], words[1][i], words[2][i], words[3][i], k0, k1);
}

// Box-Muller on pairs of words: radius sqrt(-2 ln u), angle uniform in the circle.
void fill_normals(const Words& radius_words, const Words& angle_words, Floats& cosines,
                  Floats& sines) noexcept {
  Floats radii;
  for (std::size_t i = 0; i < kGroupBlocks; ++i) radii[i] = -2.0F * log_of_uniform(radius_words[i]);
  for (std::size_t i = 0; i < kGroupBlocks; ++i)
    radii[i] = std::sqrt(radii[i]);  // correctly rounded by IEEE 754
  for (std::size_t i = 0; i < kGroupBlocks; ++i) {
    const SineCosine at = sine_cosine_of_turn(angle_words[i]);
    cosines[i] = radii[i] * at.cosine;
    sines[i] = radii[i] * at.sine;
  }
}

// Normals 4 b + {0, 1} from words 0 and 1 of block b, 4 b + {2, 3} from words 2 and 3.
void add_groups(const float* from, float* to, std::size_t num_groups, std::uint64_t seed, float scale,
                std::uint64_t first_block) noexcept {
  std::array<Words, 4> words;
  std::array<Floats, 4> normals;
  for (std::size_t group = 0; group < num_groups; ++group, from += kGroupNormals, to += kGroupNormals) {
    fill_words(seed, first_block + group * kGroupBlocks, words);
    fill_normals(words[0], words[1], normals[0], normals[1]);
    fill_normals(words[2], words[3], normals[2], normals[3]);
    for (std::size_t i = 0; i < kGroupBlocks; ++i)
      for (std::size_t k = 0; k < 4; ++k) to[4 * i + k] = from[4 * i + k] + scale * normals[k][i];
  }
}

}  // namespace

const NormalsKernel kPlainNormals{"plain", add_groups};

}  // namespace quern::base
