#include "quern/policy/kernels.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace quern::policy {
namespace {

// Linux gives the 8 KB of tile registers to processes that ask (arch_prctl(2), since 5.16).
bool tiles_granted() noexcept {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

// CPUID leaf 7, EDX; __builtin_cpu_supports of g++ 12 does not know their names.
bool has_amx_int8() noexcept {
  unsigned a = 7, b = 0, c = 0, d = 0;
  __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  constexpr unsigned kTile = 1U << 24, kInt8 = 1U << 25;
  return (d & kTile) != 0 && (d & kInt8) != 0;
}

std::vector<const Kernels*> find_kernels_here() {
  std::vector<const Kernels*> here{&kReferenceKernels};
  if (__builtin_cpu_supports("avx2") == 0) return here;
  here.push_back(&kAvx2Kernels);
  const bool vnni = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                    __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vnni") != 0;
  if (!vnni) return here;
  here.push_back(&kVnniKernels);
  if (has_amx_int8() && tiles_granted()) here.push_back(&kAmxKernels);
  return here;
}

}  // namespace

std::vector<const Kernels*> kernels_here() {
  static const std::vector<const Kernels*> kHere = find_kernels_here();
  return kHere;
}

}  // namespace quern::policy
