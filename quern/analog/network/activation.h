#pragma once
// Activations and the loss of a network, by our own polynomials: the same bits on every machine.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace quern::analog {

enum class Activation : std::uint8_t { Sigmoid, Tanh, Relu };

std::vector<std::string> activation_names();
/// One of activation_names().
Activation find_activation(const std::string& name);

/// values = f(values)
void activate(Activation activation, std::span<float> values) noexcept;

/// deltas *= f'(x), which every one of them is a function of f(x): outputs.
void multiply_by_slope(Activation activation, std::span<const float> outputs,
                       std::span<float> deltas) noexcept;

/// Softmax in place. Returns the cross entropy, -ln of the label's share.
float softmax(std::span<float> values, std::size_t label) noexcept;

/// e^x; below -87 as if -87, above 88 as if 88. Relative error below 3e-7.
float exponential(float x) noexcept;
/// ln x of a normal positive number. Relative error below 3e-7, near 1 absolute.
float logarithm(float x) noexcept;
/// Relative error below 6e-7.
float hyperbolic_tangent(float x) noexcept;

}  // namespace quern::analog
