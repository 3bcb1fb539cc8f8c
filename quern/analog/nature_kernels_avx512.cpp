#include <cstddef>

namespace quern::analog {
namespace {
constexpr std::size_t kVectorLanes = 16;
}  // namespace
}  // namespace quern::analog

#include "quern/analog/nature_kernels_impl.h"

namespace quern::analog {

const NatureKernels kAvx512Nature{"avx512", refresh, pulse};

}  // namespace quern::analog
