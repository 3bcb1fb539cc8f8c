#include "quern/base/normals.h"

#include <algorithm>
#include <array>

#include "quern/base/assert.h"
#include "quern/base/normals_kernels.h"

namespace quern::base {

std::span<const NormalsKernel* const> normals_kernels() noexcept {
  static constexpr std::array<const NormalsKernel*, 3> kKernels = {&kAvx512Normals, &kAvx2Normals,
                                                                   &kPlainNormals};
  if (__builtin_cpu_supports("avx512f") != 0) return kKernels;
  const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  return std::span(kKernels).subspan(avx2 ? 1 : 2);
}

void add_normals(const NormalsKernel& kernel, std::span<const float> from, std::span<float> out,
                 std::uint64_t seed, float scale, std::size_t first) noexcept {
  QUERN_ASSERT(from.size() == out.size());
  std::uint64_t block = first / kGroupNormals * kGroupBlocks;
  std::size_t skipped = first % kGroupNormals;
  for (std::size_t i = 0; i < out.size();) {
    const std::size_t left = out.size() - i;
    // Groups begin at multiples of their size, so the upper word of a block's number changes between two.
    const std::uint64_t before_carry =
        ((std::uint64_t{1} << 32) - static_cast<std::uint32_t>(block)) / kGroupBlocks;
    std::size_t groups = skipped == 0 ? std::min<std::size_t>(left / kGroupNormals, before_carry) : 0;
    std::size_t count = groups * kGroupNormals;
    if (groups > 0) {
      kernel.add(&from[i], &out[i], groups, seed, scale, block);
    } else {  // a part of one group
      std::array<float, kGroupNormals> group{};
      groups = 1;
      count = std::min(left, kGroupNormals - skipped);
      std::copy_n(&from[i], count, &group[skipped]);
      kernel.add(group.data(), group.data(), groups, seed, scale, block);
      std::copy_n(&group[skipped], count, &out[i]);
    }
    i += count;
    block += groups * kGroupBlocks;
    skipped = 0;
  }
}

void add_normals(std::span<float> out, std::uint64_t seed, float scale, std::size_t first) noexcept {
  add_normals(*normals_kernels().front(), out, out, seed, scale, first);
}

void add_normals(std::span<const float> from, std::span<float> out, std::uint64_t seed, float scale,
                 std::size_t first) noexcept {
  add_normals(*normals_kernels().front(), from, out, seed, scale, first);
}

}  // namespace quern::base
