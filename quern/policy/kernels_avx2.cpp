#include <immintrin.h>

#include "quern/policy/kernels.h"
#include "quern/policy/repeat_impl.h"

namespace quern::policy {
namespace {

constexpr int kLanes = 8;                        // outputs of a vector
constexpr int kVectors = kOutputBlock / kLanes;  // of a block of outputs
constexpr std::size_t kVectorBytes = kGroup * kLanes;

__m256i load(const void* from) noexcept {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

void store(std::int32_t* to, __m256i values) noexcept {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), values);
}

__m256i broadcast_group(const std::uint8_t* inputs) noexcept {
  std::int32_t group;
  __builtin_memcpy(&group, inputs, sizeof group);
  return _mm256_set1_epi32(group);
}

std::uint32_t largest_magnitude(const float* values, std::size_t count) noexcept {
  __m256i largest = _mm256_setzero_si256();
  const __m256i magnitude = _mm256_set1_epi32(0x7FFFFFFF);
  for (; count >= kLanes; count -= kLanes, values += kLanes)
    largest = _mm256_max_epu32(largest, _mm256_and_si256(load(values), magnitude));
  for (; count > 0; --count, ++values)
    largest =
        _mm256_max_epu32(largest, _mm256_and_si256(_mm256_castps_si256(_mm256_set1_ps(*values)), magnitude));
  std::uint32_t lanes[kLanes], all = 0;
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(lanes), largest);
  for (const std::uint32_t lane : lanes) all = lane > all ? lane : all;
  return all;
}

void quantise(const float* values, std::size_t count, WeightScale by, std::int8_t* quantised) noexcept {
  const __m256 inverse = _mm256_set1_ps(by.inverse);
  const __m256 largest = _mm256_set1_ps(by.largest), smallest = _mm256_set1_ps(-by.largest);
  // The conversion rounds as the processor's default mode does: to nearest, halves to even.
  const auto eight = [&](const float* x) {
    const __m256 inside = _mm256_min_ps(_mm256_max_ps(_mm256_loadu_ps(x), smallest), largest);
    const __m256i words = _mm256_cvtps_epi32(_mm256_mul_ps(inside, inverse));
    const __m128i halves = _mm_packs_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    return _mm_packs_epi16(halves, halves);
  };
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    _mm_storel_epi64(reinterpret_cast<__m128i*>(quantised + i), eight(values + i));
  if (i < count) {
    float rest[kLanes] = {};
    std::int8_t bytes[16];
    __builtin_memcpy(rest, values + i, (count - i) * sizeof *values);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes), eight(rest));
    __builtin_memcpy(quantised + i, bytes, count - i);
  }
}

constexpr std::size_t kPackedOutputs = 4;  // at once

// Four outputs, four channels and 16 places: two transpositions of four by four in registers.
void pack_block(const std::int8_t* rows, std::size_t fan_in, std::size_t places, std::int8_t* to,
                std::size_t step) noexcept {
  __m128i groups[4][kPackedOutputs];  // [four places each][output]: a lane is a group
  for (std::size_t o = 0; o < kPackedOutputs; ++o) {
    const auto channel = [&](std::size_t i) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows + o * fan_in + i * places));
    };
    const __m128i a = channel(0), b = channel(1), x = channel(2), y = channel(3);
    const __m128i ab_low = _mm_unpacklo_epi8(a, b), xy_low = _mm_unpacklo_epi8(x, y);
    const __m128i ab_high = _mm_unpackhi_epi8(a, b), xy_high = _mm_unpackhi_epi8(x, y);
    groups[0][o] = _mm_unpacklo_epi16(ab_low, xy_low);
    groups[1][o] = _mm_unpackhi_epi16(ab_low, xy_low);
    groups[2][o] = _mm_unpacklo_epi16(ab_high, xy_high);
    groups[3][o] = _mm_unpackhi_epi16(ab_high, xy_high);
  }
  for (const auto& of : groups) {
    const __m128i low01 = _mm_unpacklo_epi32(of[0], of[1]), low23 = _mm_unpacklo_epi32(of[2], of[3]);
    const __m128i high01 = _mm_unpackhi_epi32(of[0], of[1]), high23 = _mm_unpackhi_epi32(of[2], of[3]);
    const __m128i by_place[4] = {_mm_unpacklo_epi64(low01, low23), _mm_unpackhi_epi64(low01, low23),
                                 _mm_unpacklo_epi64(high01, high23), _mm_unpackhi_epi64(high01, high23)};
    for (const __m128i place : by_place) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), place);
      to += step;
    }
  }
}

void pack_dense(const std::int8_t* weights, std::size_t channels, std::size_t places, std::int8_t* to,
                std::size_t step) noexcept {
  const std::size_t fan_in = channels * places;
  for (std::size_t c = 0; c < channels; c += kGroup, to += places * step)
    for (std::size_t done = 0; done < places; done += kPackedPlaces) {
      const std::size_t place = done + kPackedPlaces <= places ? done : places - kPackedPlaces;
      // All outputs of a place share a cache line.
      for (std::size_t o = 0; o < kOutputBlock; o += kPackedOutputs)
        pack_block(weights + o * fan_in + c * places + place, fan_in, places, to + place * step + o * kGroup,
                   step);
    }
}

// sum + four products of activations 0..127: two of them fit 16 bits, so the saturating sum never saturates.
struct Activations {
  struct Weights {
    __m256i bytes;
  };
  struct Inputs {
    __m256i bytes;
  };
  static Weights weights(const std::int8_t* from) noexcept { return {load(from)}; }
  static Inputs inputs(const std::uint8_t* from) noexcept { return {broadcast_group(from)}; }
  static __m256i add(__m256i sum, Inputs a, Weights w) noexcept {
    const __m256i pairs = _mm256_maddubs_epi16(a.bytes, w.bytes);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
};

// sum + four products of pixels 0..255, widened to 16 bits: the even ones of a group, then the odd ones.
struct Pixels {
  struct Weights {
    __m256i even, odd;
  };
  struct Inputs {
    __m256i even, odd;
  };
  static Weights weights(const std::int8_t* from) noexcept {
    const __m256i bytes = load(from);
    return {_mm256_srai_epi16(_mm256_slli_epi16(bytes, 8), 8), _mm256_srai_epi16(bytes, 8)};
  }
  static Inputs inputs(const std::uint8_t* from) noexcept {
    const __m256i bytes = broadcast_group(from);
    return {_mm256_and_si256(bytes, _mm256_set1_epi16(0xFF)), _mm256_srli_epi16(bytes, 8)};
  }
  static __m256i add(__m256i sum, Inputs a, Weights w) noexcept {
    return _mm256_add_epi32(
        sum, _mm256_add_epi32(_mm256_madd_epi16(a.even, w.even), _mm256_madd_epi16(a.odd, w.odd)));
  }
};

void take_picture(const std::uint8_t* from, std::uint8_t* to, std::size_t to_stride,
                  PixelMask* changed) noexcept {
  const auto differing = [&](int at) {
    const __m256i same = _mm256_cmpeq_epi8(load(from + at), load(to + at));
    return std::uint64_t{~static_cast<std::uint32_t>(_mm256_movemask_epi8(same))};
  };
  for (int y = 0; y < kInputSide; ++y, from += kInputSide, to += to_stride) {
    // The last load begins where all of it lies inside the row.
    constexpr int kLast = kInputSide - 32;
    const std::uint64_t last = differing(kLast);
    changed[y].low |= differing(0) | differing(32) << 32;
    changed[y].high |= last >> (64 - kLast);
    __builtin_memcpy(to, from, kInputSide);
  }
}

void gather(const std::uint8_t* input, const std::uint32_t* corners, const std::uint16_t* positions,
            std::size_t count, const PatchShape& shape, std::uint8_t* to, std::size_t to_stride) noexcept {
  const auto copy = [&](auto piece) {  // of a size that divides a row of a patch
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint8_t* from = input + corners[positions[i]];
      std::uint8_t* row_to = to + i * to_stride;
      for (std::size_t row = 0; row < shape.rows; ++row, from += shape.stride, row_to += shape.row_bytes)
        for (std::size_t at = 0; at < shape.row_bytes; at += sizeof piece)
          __builtin_memcpy(row_to + at, from + at, sizeof piece);
    }
  };
  if (shape.row_bytes % sizeof(__m256i) == 0)
    copy(__m256i{});
  else
    copy(std::int32_t{});
}

/// kRows rows by one block of outputs.
template <typename Kind, int kRows>
void multiply_tile(const std::uint8_t* rows, const std::int8_t* weights, const Product& product,
                   const std::int32_t* biases, std::int32_t* sums) noexcept {
  const std::size_t row_bytes = kGroup * product.groups, group_bytes = kGroup * product.width;
  const std::size_t outputs = product.outputs;
  __m256i sum[kRows][kVectors];
  repeat<kRows>(QUERN_REPEAT(r) {
    repeat<kVectors>(QUERN_REPEAT(v) { sum[r.value][v.value] = load(biases + kLanes * v.value); });
  });
  for (const std::uint8_t* end = rows + row_bytes; rows != end; rows += kGroup, weights += group_bytes) {
    typename Kind::Weights weight[kVectors];
    repeat<kVectors>(QUERN_REPEAT(v) { weight[v.value] = Kind::weights(weights + kVectorBytes * v.value); });
    repeat<kRows>(QUERN_REPEAT(r) {
      const auto inputs = Kind::inputs(rows + r.value * row_bytes);
      repeat<kVectors>(QUERN_REPEAT(v) {
        sum[r.value][v.value] = Kind::add(sum[r.value][v.value], inputs, weight[v.value]);
      });
    });
  }
  repeat<kRows>(QUERN_REPEAT(r) {
    repeat<kVectors>(
        QUERN_REPEAT(v) { store(sums + r.value * outputs + kLanes * v.value, sum[r.value][v.value]); });
  });
}

template <typename Kind>
void multiply_kind(const std::uint8_t* rows, std::size_t num_rows, const Product& product,
                   std::int32_t* sums) noexcept {
  constexpr int kRows = 4;
  static_assert(kRowBlock % kRows == 0);  // a tile that is only begun stays inside its block
  for (std::size_t o = 0; o < product.outputs; o += kOutputBlock) {
    const std::size_t panel = o / product.width * product.width;
    const std::int8_t* weights = product.weights + panel * kGroup * product.groups + (o - panel) * kGroup;
    for (std::size_t r = 0; r < num_rows; r += kRows)
      multiply_tile<Kind, kRows>(rows + r * kGroup * product.groups, weights, product, product.biases + o,
                                 sums + r * product.outputs + o);
  }
}

std::size_t list_changed(const std::uint8_t* now, const std::uint8_t* before, std::size_t groups,
                         std::uint32_t* list) noexcept {
  std::size_t count = 0;
  for (std::size_t g = 0; g < groups; g += kLanes) {
    const __m256i other = before == nullptr ? _mm256_setzero_si256() : load(before + kGroup * g);
    const __m256i same = _mm256_cmpeq_epi32(load(now + kGroup * g), other);
    auto differs = static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(same))) ^ 0xFFU;
    for (; differs != 0; differs &= differs - 1)
      list[count++] = static_cast<std::uint32_t>(g) + static_cast<std::uint32_t>(__builtin_ctz(differs));
  }
  return count;
}

void update(const std::uint8_t* now, const std::uint8_t* before, const std::uint32_t* list, std::size_t count,
            const Product& product, bool backwards, std::int32_t* sums) noexcept {
  for (std::size_t done = 0; done < product.outputs; done += kOutputBlock) {
    const std::size_t o = backwards ? product.outputs - kOutputBlock - done : done;
    const std::size_t panel = o / product.width * product.width;
    const std::int8_t* weights = product.weights + panel * kGroup * product.groups + (o - panel) * kGroup;
    __m256i plus[kVectors], minus[kVectors];
    repeat<kVectors>(QUERN_REPEAT(v) {
      plus[v.value] = load(sums + o + kLanes * v.value);
      minus[v.value] = _mm256_setzero_si256();
    });
    for (std::size_t i = 0; i < count; ++i) {
      const std::int8_t* from = weights + kGroup * product.width * list[i];
      const auto added = Activations::inputs(now + kGroup * list[i]);
      const auto removed = Activations::inputs((before == nullptr ? now : before) + kGroup * list[i]);
      repeat<kVectors>(QUERN_REPEAT(v) {
        const auto weight = Activations::weights(from + kVectorBytes * v.value);
        plus[v.value] = Activations::add(plus[v.value], added, weight);
        if (before != nullptr) minus[v.value] = Activations::add(minus[v.value], removed, weight);
      });
    }
    repeat<kVectors>(QUERN_REPEAT(v) {
      store(sums + o + kLanes * v.value, _mm256_sub_epi32(plus[v.value], minus[v.value]));
    });
  }
}

void requantise(const std::int32_t* sums, std::size_t count, Requantiser by,
                std::uint8_t* activations) noexcept {
  const __m256i multiplier = _mm256_set1_epi64x(by.multiplier);
  const __m256i half = _mm256_set1_epi64x(std::int64_t{1} << (by.shift - 1));
  const __m128i shift = _mm_cvtsi32_si128(by.shift);
  const __m256i largest = _mm256_set1_epi64x(kLargestActivation);
  const auto scale = [&](__m256i x) {  // the even lanes
    const __m256i product = _mm256_add_epi64(_mm256_mul_epu32(x, multiplier), half);
    const __m256i scaled = _mm256_srl_epi64(product, shift);
    return _mm256_blendv_epi8(scaled, largest, _mm256_cmpgt_epi64(scaled, largest));
  };
  for (std::size_t i = 0; i < count; i += kLanes) {
    const __m256i positive = _mm256_max_epi32(load(sums + i), _mm256_setzero_si256());
    const __m256i even = scale(positive), odd = scale(_mm256_srli_epi64(positive, 32));
    const __m256i all = _mm256_or_si256(even, _mm256_slli_epi64(odd, 32));
    const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(activations + i), _mm_packus_epi16(words, words));
  }
}

}  // namespace

const Kernels kAvx2Kernels{"avx2",
                           largest_magnitude,
                           quantise,
                           pack_dense,
                           take_picture,
                           gather,
                           multiply_kind<Pixels>,
                           multiply_kind<Activations>,
                           list_changed,
                           update,
                           requantise};

}  // namespace quern::policy
