#include "quern/policy/kernels_impl.h"

namespace quern::policy {

const Kernels kReferenceKernels{"reference", interleave, dot_rows, dot_bytes, requantise_row};

}  // namespace quern::policy
