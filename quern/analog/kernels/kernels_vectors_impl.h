#pragma once
// Private to analog: what the inner loops in vector registers ask of an instruction set. The file that
// includes it defines the vectors and what one instruction does to them. Only functions and types of internal
// linkage and no standard templates, so that the linker can never share code of one instruction set with
// another.

#include "quern/analog/kernels/kernels.h"

namespace quern::analog {
namespace {

constexpr std::size_t kWidth = sizeof(Floats) / sizeof(float);

Floats floats(float value) noexcept;
Words words(std::uint32_t value) noexcept;
Floats load(const float* from) noexcept;
Words load(const std::uint32_t* from) noexcept;
void store(float* to, Floats values) noexcept;
void store(std::uint32_t* to, Words values) noexcept;
/// The first `count` words, zeros behind them.
Words load_first(const std::uint32_t* from, std::size_t count) noexcept;
/// a < b ? a : b, a > b ? a : b: b where one of them is NaN.
Floats smaller(Floats a, Floats b) noexcept;
Floats larger(Floats a, Floats b) noexcept;
Mask greater(Words a, Words b) noexcept;      // signed
Mask not_below(Floats a, Floats b) noexcept;  // a >= b
Mask sign_bits(Words a) noexcept;
Floats select(Mask mask, Floats yes, Floats no) noexcept;
Words select(Mask mask, Words yes, Words no) noexcept;
Words add(Words a, Words b) noexcept;
Words subtract(Words a, Words b) noexcept;
Words both(Words a, Words b) noexcept;  // and
Words exclusive_or(Words a, Words b) noexcept;
template <int kBits>
Words shift_left(Words a) noexcept;
Words count_bits(Words a) noexcept;
/// Sums of all lanes before each.
Words sums_before(Words a) noexcept;
std::uint32_t largest(Words a) noexcept;
std::uint32_t sum(Words a) noexcept;
Words as_words(Floats a) noexcept;
Floats as_floats(Words a) noexcept;
Floats gather(const float* from, Words indices) noexcept;
/// from[indices], all below 32; from has 32 floats.
Floats pick(const float* from, Words indices) noexcept;
/// Scatters the first `count` values.
inline void scatter(float* to, const std::uint32_t* indices, Floats values, std::size_t count) noexcept;

struct SynapseVectors {
  Floats step_up, step_down, min, max;
};
inline SynapseVectors load_synapses(const Synapse* synapses, const std::uint32_t* indices) noexcept;

/// The first `count` floats, zeros behind them.
Floats load_first(const float* from, std::size_t count) noexcept;
void store_first(float* to, Floats values, std::size_t count) noexcept;
/// Packs the lanes of the mask together and stores a whole vector of them.
void compress(std::uint32_t* to, Mask lanes, Words values) noexcept;
void compress(float* to, Mask lanes, Floats values) noexcept;
Mask nonzero(Words a) noexcept;
Mask nonzero(Floats a) noexcept;
Mask either(Mask a, Mask b) noexcept;
std::size_t count_lanes(Mask mask) noexcept;
Words larger(Words a, Words b) noexcept;  // signed
/// Rounded towards zero; 0x80000000 from 2^31 on.
Words truncate(Floats a) noexcept;
/// 0, 1, 2, ...
Words lane_numbers() noexcept;

inline std::size_t lanes_left(std::size_t count, std::size_t at) noexcept {
  return count - at < kWidth ? count - at : kWidth;
}

}  // namespace
}  // namespace quern::analog
