#pragma once
// Private to base, its tests and benchmarks: the loop of add_normals, once for each instruction set.

#include <cstddef>
#include <cstdint>
#include <span>

namespace quern::base {

/// Kernels work on whole groups of so many Philox blocks, four normals each.
inline constexpr std::size_t kGroupBlocks = 32;
inline constexpr std::size_t kGroupNormals = 4 * kGroupBlocks;

struct NormalsKernel {
  const char* name;
  /// to[i] = from[i] + scale * normal(seed, 4 * first_block + i) for num_groups groups; from may be to. The
  /// numbers of all blocks have the same upper word.
  void (*add)(const float* from, float* to, std::size_t num_groups, std::uint64_t seed, float scale,
              std::uint64_t first_block) noexcept;
};

/// Those that this machine runs, the fastest first, the plain loops last.
[[nodiscard]] std::span<const NormalsKernel* const> normals_kernels() noexcept;

/// add_normals by this kernel.
void add_normals(const NormalsKernel& kernel, std::span<const float> from, std::span<float> out,
                 std::uint64_t seed, float scale, std::size_t first) noexcept;

extern const NormalsKernel kPlainNormals;   // baseline x86-64
extern const NormalsKernel kAvx2Normals;    // AVX2, FMA
extern const NormalsKernel kAvx512Normals;  // F

}  // namespace quern::base
