#include "quern/policy/kernels_vnni_impl.h"

namespace quern::policy {
namespace {

// kRows rows by 16 kVectors outputs, whose sums stay in registers.
template <int kRows, int kVectors>
void multiply_tile(const std::uint8_t* rows, const std::int8_t* weights, const Product& product,
                   const std::int32_t* biases, std::int32_t* sums) noexcept {
  const std::size_t row_bytes = kGroup * product.groups, outputs = product.outputs;
  __m512i sum[kRows][kVectors];
  repeat<kRows>(QUERN_REPEAT(r) {
    repeat<kVectors>(QUERN_REPEAT(v) { sum[r.value][v.value] = load(biases + kLanes * v.value); });
  });
  for (const std::uint8_t* end = rows + row_bytes; rows != end; rows += kGroup) {
    __m512i weight[kVectors];
    repeat<kVectors>(QUERN_REPEAT(v) { weight[v.value] = load(weights + kGroup * kLanes * v.value); });
    weights += kGroup * kLanes * kVectors;
    repeat<kRows>(QUERN_REPEAT(r) {
      const __m512i group = broadcast_group(rows + r.value * row_bytes);
      repeat<kVectors>(QUERN_REPEAT(v) {
        sum[r.value][v.value] = _mm512_dpbusd_epi32(sum[r.value][v.value], group, weight[v.value]);
      });
    });
  }
  repeat<kRows>(QUERN_REPEAT(r) {
    repeat<kVectors>(QUERN_REPEAT(v) {
      _mm512_storeu_si512(sums + r.value * outputs + kLanes * v.value, sum[r.value][v.value]);
    });
  });
}

template <int kRows, int kVectors>
void multiply_rows(std::size_t num_rows, const std::uint8_t* rows, const std::int8_t* weights,
                   const Product& product, const std::int32_t* biases, std::int32_t* sums) noexcept {
  if constexpr (kRows > 0) {
    if (num_rows == kRows)
      multiply_tile<kRows, kVectors>(rows, weights, product, biases, sums);
    else
      multiply_rows<kRows - 1, kVectors>(num_rows, rows, weights, product, biases, sums);
  }
}

// One panel of outputs for all rows, in tiles of nearly the same height.
template <int kMostRows, int kVectors>
void multiply_panel(const std::uint8_t* rows, std::size_t num_rows, const std::int8_t* weights,
                    const Product& product, const std::int32_t* biases, std::int32_t* sums) noexcept {
  std::size_t tiles = (num_rows + kMostRows - 1) / kMostRows;
  for (std::size_t left = num_rows; tiles > 0; --tiles) {
    const std::size_t height = (left + tiles - 1) / tiles;
    multiply_rows<kMostRows, kVectors>(height, rows, weights, product, biases, sums);
    rows += height * kGroup * product.groups;
    sums += height * product.outputs;
    left -= height;
  }
}

void multiply(const std::uint8_t* rows, std::size_t num_rows, const Product& product,
              std::int32_t* sums) noexcept {
  for (std::size_t o = 0; o < product.outputs; o += product.width) {
    const std::int8_t* weights = product.weights + o * kGroup * product.groups;
    if (product.width == 64)
      multiply_panel<6, 4>(rows, num_rows, weights, product, product.biases + o, sums + o);
    else if (product.width == 32)
      multiply_panel<12, 2>(rows, num_rows, weights, product, product.biases + o, sums + o);
    else
      multiply_panel<12, 1>(rows, num_rows, weights, product, product.biases + o, sums + o);
  }
}

}  // namespace

const Kernels kVnniKernels{"avx512-vnni", largest_magnitude, quantise,     pack_dense, take_picture, gather,
                           multiply,      multiply,          list_changed, update,     requantise};

}  // namespace quern::policy
