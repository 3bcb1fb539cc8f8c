#include "quern/analog/kernels/kernels.h"

#include <array>

namespace quern::analog {

std::span<const Kernels* const> kernels_here() noexcept {
  static constexpr std::array<const Kernels*, 3> kKernels = {&kAvx512Kernels, &kAvx2Kernels,
                                                             &kReferenceKernels};
  if (__builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
      __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0)
    return kKernels;
  return std::span(kKernels).subspan(__builtin_cpu_supports("avx2") != 0 ? 1 : 2);
}

}  // namespace quern::analog
