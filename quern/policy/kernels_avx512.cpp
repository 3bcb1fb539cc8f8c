#include "quern/policy/kernels_impl.h"

namespace quern::policy {

const Kernels kAvx512Kernels{"avx512", interleave, dot_rows, dot_bytes, requantise_row};

}  // namespace quern::policy
