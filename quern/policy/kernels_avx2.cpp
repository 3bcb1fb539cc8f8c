#include "quern/policy/kernels_impl.h"

namespace quern::policy {

const Kernels kAvx2Kernels{"avx2", interleave, dot_rows, dot_bytes, requantise_row};

}  // namespace quern::policy
