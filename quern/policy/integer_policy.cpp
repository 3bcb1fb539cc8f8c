#include "quern/policy/integer_policy.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <stdexcept>

#include "quern/base/assert.h"
#include "quern/policy/kernels.h"
#include "quern/policy/quantise.h"

// Activations are pixels [height, width, channels] of 16 bits here, with the padding of the next layer around
// them as zeros that nobody writes to. So one kernel row of a patch is contiguous, and so is the input of a
// dense layer. Weights have the same order: [out, kernel row, kernel column, in].

namespace quern::policy {
namespace {

// Rows of whole cache lines let the widest loads stay inside one.
template <typename T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};
  CacheLineAllocator() = default;
  template <typename U>
  explicit CacheLineAllocator(const CacheLineAllocator<U>&) noexcept {}
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kAlignment)); }
  void deallocate(T* memory, std::size_t) noexcept { ::operator delete(memory, kAlignment); }
  bool operator==(const CacheLineAllocator&) const noexcept { return true; }
};
template <typename T>
using Aligned = std::vector<T, CacheLineAllocator<T>>;

// Patches of this many positions are gathered at a time: they stay in the first-level cache while all weights
// pass by.
constexpr std::size_t kPatchRows = 16;

std::size_t size(int value) {
  return static_cast<std::size_t>(value);
}
std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

struct IntegerLayer {
  Layer shape;
  std::size_t positions = 0;            // of the output
  std::size_t outputs = 0;              // per position, in whole blocks
  std::size_t blocks = 0;               // of one dot product
  std::size_t input_width = 0;          // pixels a row, padding included
  std::size_t input_values = 0;         // of one input, padding included
  std::size_t input_origin = 0;         // where the pixel (0, 0) lies in it
  Aligned<std::int16_t> patch_weights;  // convolution: [outputs, 32 blocks]
  Aligned<std::int8_t> byte_weights;    // dense: [outputs, 32 blocks]
  Aligned<std::int32_t> biases;         // [outputs]
  Requantiser requantiser;

  [[nodiscard]] bool dense() const noexcept { return shape.kind == LayerKind::Dense; }
  [[nodiscard]] std::size_t length() const noexcept { return blocks * kDotBlock; }
  [[nodiscard]] std::size_t row_stride() const noexcept { return input_width * size(shape.in_channels); }
  [[nodiscard]] std::size_t num_sums() const noexcept { return round_up(positions, kRowBlock) * outputs; }
};

IntegerLayer make_layer(const Layer& shape, bool last) {
  if (!last && shape.out_channels % static_cast<int>(kOutputBlock) != 0) {
    throw std::invalid_argument("[IntegerPolicy] hidden layers must have a multiple of " +
                                std::to_string(kOutputBlock) + " channels, got " +
                                std::to_string(shape.out_channels));
  }
  IntegerLayer layer;
  layer.shape = shape;
  layer.positions = size(shape.out_height * shape.out_width);
  layer.outputs = round_up(size(shape.out_channels), kOutputBlock);
  layer.blocks = round_up(size(shape.fan_in()), kDotBlock) / kDotBlock;
  layer.biases.assign(layer.outputs, 0);
  if (layer.dense()) {
    layer.input_width = size(shape.in_width);
    layer.input_values = layer.length();
    layer.byte_weights.assign(layer.outputs * layer.length(), 0);
    return layer;
  }
  const int height =
      std::max(shape.pad_top + shape.in_height, (shape.out_height - 1) * shape.stride + shape.kernel);
  const int width =
      std::max(shape.pad_left + shape.in_width, (shape.out_width - 1) * shape.stride + shape.kernel);
  layer.input_width = size(width);
  layer.input_values = size(height) * layer.row_stride();
  layer.input_origin = size(shape.pad_top) * layer.row_stride() + size(shape.pad_left * shape.in_channels);
  layer.patch_weights.assign(layer.outputs * layer.length(), 0);
  return layer;
}

// Writes the patches of the positions from `first` on, [count, 32 blocks].
void gather_patches(const IntegerLayer& layer, const std::int16_t* input, std::size_t first,
                    std::size_t count, std::int16_t* patches) noexcept {
  const std::size_t channels = size(layer.shape.in_channels), kernel = size(layer.shape.kernel);
  const std::size_t stride = size(layer.shape.stride), width = size(layer.shape.out_width);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t y = (first + i) / width, x = (first + i) % width;
    const std::int16_t* from = input + y * stride * layer.row_stride() + x * stride * channels;
    std::int16_t* to = patches + i * layer.length();
    for (std::size_t row = 0; row < kernel; ++row, from += layer.row_stride(), to += kernel * channels)
      std::memcpy(to, from, kernel * channels * sizeof *to);
  }
}

struct KernelChoice {
  const Kernels* kernels;
  bool runs_here;
};

std::vector<KernelChoice> kernel_choices() {
  const bool avx2 = __builtin_cpu_supports("avx2") != 0;
  const bool avx512 = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                      __builtin_cpu_supports("avx512vl") != 0;
  return {{&kReferenceKernels, true}, {&kAvx2Kernels, avx2}, {&kAvx512Kernels, avx512}};
}

const Kernels& find_kernels(std::string_view name) {
  const Kernels* found = nullptr;
  for (const KernelChoice& choice : kernel_choices())
    if (choice.runs_here && (name.empty() || name == choice.kernels->name)) found = choice.kernels;
  if (found == nullptr)
    throw std::invalid_argument("[IntegerPolicy] kernel must be one of kernel_names(), got '" +
                                std::string(name) + "'");
  return *found;
}

}  // namespace

std::vector<std::string> kernel_names() {
  std::vector<std::string> names;
  for (const KernelChoice& choice : kernel_choices())
    if (choice.runs_here) names.emplace_back(choice.kernels->name);
  return names;
}

struct IntegerPolicy::Data {
  Data(const Network& network, const Kernels& chosen);

  void load_pixels(Stack stack, std::int16_t* input) const noexcept;
  void compute_sums(const IntegerLayer& layer, const std::int16_t* input, std::int32_t* sums) noexcept;
  void requantise(std::size_t index, const std::int32_t* sums, std::int16_t* next_input) const noexcept;
  void quantise_layer(IntegerLayer& layer, std::span<const float> parameters, double& input_scale);
  std::int32_t calibrate_layer(std::size_t index, std::size_t num_stacks);

  const Kernels* kernels;
  std::size_t num_actions;
  std::size_t num_parameters;
  bool built = false;
  std::vector<IntegerLayer> layers;
  // Scratch of a decision: the input of each layer, the sums of the largest, patches of a convolution.
  std::vector<Aligned<std::int16_t>> inputs;
  Aligned<std::int32_t> sums;
  Aligned<std::int16_t> patches;
  // Scratch of build: bytes of a layer, and input and sums of a layer for all calibration stacks.
  std::vector<std::int8_t> bytes;
  Aligned<std::int16_t> stack_inputs, next_stack_inputs;
  Aligned<std::int32_t> stack_sums;
};

IntegerPolicy::Data::Data(const Network& network, const Kernels& chosen)
    : kernels(&chosen), num_actions(size(network.num_actions)), num_parameters(network.num_parameters) {
  std::size_t most_sums = 0, most_patch_values = 0;
  for (const Layer& shape : network.layers) {
    const IntegerLayer& layer =
        layers.emplace_back(make_layer(shape, layers.size() + 1 == network.layers.size()));
    inputs.emplace_back(layer.input_values, std::int16_t{0});
    most_sums = std::max(most_sums, layer.num_sums());
    most_patch_values = std::max(most_patch_values, layer.length() * kPatchRows);
  }
  sums.assign(most_sums, 0);
  patches.assign(most_patch_values, 0);
}

void IntegerPolicy::Data::load_pixels(Stack stack, std::int16_t* input) const noexcept {
  const IntegerLayer& first = layers.front();
  kernels->interleave(stack.data(), input + first.input_origin, first.row_stride());
}

void IntegerPolicy::Data::compute_sums(const IntegerLayer& layer, const std::int16_t* input,
                                       std::int32_t* layer_sums) noexcept {
  if (layer.dense()) {
    kernels->dot_bytes(input, layer.byte_weights.data(), layer.outputs, layer.blocks, layer.biases.data(),
                       layer_sums);
    return;
  }
  for (std::size_t first = 0; first < layer.positions; first += kPatchRows) {
    const std::size_t count = std::min(kPatchRows, layer.positions - first);
    gather_patches(layer, input, first, count, patches.data());
    // An odd row at the end is filled up by whatever the scratch holds; nobody reads its sums.
    kernels->dot_rows(patches.data(), round_up(count, kRowBlock), layer.patch_weights.data(), layer.outputs,
                      layer.blocks, layer.biases.data(), layer_sums + first * layer.outputs);
  }
}

// ReLU and rescaling of layer `index`, into the input of the layer after it.
void IntegerPolicy::Data::requantise(std::size_t index, const std::int32_t* layer_sums,
                                     std::int16_t* next_input) const noexcept {
  const IntegerLayer &layer = layers[index], &next = layers[index + 1];
  const std::size_t row_values = size(layer.shape.out_width) * layer.outputs;
  for (std::size_t y = 0; y < size(layer.shape.out_height); ++y)
    kernels->requantise_row(layer_sums + y * row_values, row_values, layer.requantiser,
                            next_input + next.input_origin + y * next.row_stride());
}

// On return input_scale is the scale of a sum: the real value of one unit.
void IntegerPolicy::Data::quantise_layer(IntegerLayer& layer, std::span<const float> parameters,
                                         double& input_scale) {
  const std::size_t outputs = size(layer.shape.out_channels), fan_in = size(layer.shape.fan_in());
  const auto weights = parameters.subspan(layer.shape.weights_at, outputs * fan_in);
  const auto biases = parameters.subspan(layer.shape.biases_at, outputs);
  const float largest = largest_magnitude(weights);
  largest_magnitude(biases);  // checks them
  // With all weights zero any scale will do.
  const double weight_scale = (largest > 0.0F ? static_cast<double>(largest) : 1.0) / 127.0;
  bytes.resize(fan_in);
  for (std::size_t o = 0; o < outputs; ++o) {
    quantise_weights(weights.subspan(o * fan_in, fan_in), size(layer.shape.in_channels), weight_scale, bytes);
    if (layer.dense())
      std::copy(bytes.begin(), bytes.end(), layer.byte_weights.data() + o * layer.length());
    else
      std::copy(bytes.begin(), bytes.end(), layer.patch_weights.data() + o * layer.length());
  }
  input_scale *= weight_scale;
  for (std::size_t o = 0; o < outputs; ++o) layer.biases[o] = quantise_bias(biases[o], input_scale);
}

// The least scale of a layer whose sums are nowhere positive: an activation of 1 and a weight of 1 keep the
// unit.
constexpr std::int32_t kSilent = 127 * 127;

// Runs layer `index` on all stacks, sets its scale and leaves the inputs of the next layer in stack_inputs.
// Returns the sum that becomes the activation 127: the largest one, or the largest absolute one of a layer
// that is silent on all stacks, so that its unit stays of the size of its sums.
std::int32_t IntegerPolicy::Data::calibrate_layer(std::size_t index, std::size_t num_stacks) {
  IntegerLayer& layer = layers[index];
  const std::size_t num_sums = layer.num_sums(), next_values = layers[index + 1].input_values;
  stack_sums.resize(num_stacks * num_sums);
  std::int32_t largest = 0, smallest = 0;
  for (std::size_t s = 0; s < num_stacks; ++s) {
    std::int32_t* of_stack = stack_sums.data() + s * num_sums;
    compute_sums(layer, stack_inputs.data() + s * layer.input_values, of_stack);
    for (std::size_t i = 0; i < layer.positions * layer.outputs; ++i) {
      largest = std::max(largest, of_stack[i]);
      smallest = std::min(smallest, of_stack[i]);
    }
  }
  if (largest == 0) largest = std::max(kSilent, -smallest);
  layer.requantiser = make_requantiser(largest);
  next_stack_inputs.assign(num_stacks * next_values, 0);
  for (std::size_t s = 0; s < num_stacks; ++s)
    requantise(index, stack_sums.data() + s * num_sums, next_stack_inputs.data() + s * next_values);
  stack_inputs.swap(next_stack_inputs);
  return largest;
}

IntegerPolicy::IntegerPolicy(const Network& network, std::string_view kernel)
    : data_(std::make_unique<Data>(network, find_kernels(kernel))) {}
IntegerPolicy::~IntegerPolicy() = default;
IntegerPolicy::IntegerPolicy(IntegerPolicy&&) noexcept = default;
IntegerPolicy& IntegerPolicy::operator=(IntegerPolicy&&) noexcept = default;

void IntegerPolicy::build(std::span<const float> parameters,
                          std::span<const std::uint8_t> calibration_stacks) {
  Data& d = *data_;
  if (parameters.size() != d.num_parameters)
    throw std::invalid_argument("[IntegerPolicy::build] parameters must have " +
                                std::to_string(d.num_parameters) + " elements, got " +
                                std::to_string(parameters.size()));
  if (calibration_stacks.empty() || calibration_stacks.size() % kStackBytes != 0)
    throw std::invalid_argument(
        "[IntegerPolicy::build] calibration_stacks must be whole stacks, at least one, got " +
        std::to_string(calibration_stacks.size()) + " bytes");
  d.built = false;
  const std::size_t num_stacks = calibration_stacks.size() / kStackBytes;
  const std::size_t input_values = d.layers.front().input_values;
  d.stack_inputs.assign(num_stacks * input_values, 0);
  for (std::size_t s = 0; s < num_stacks; ++s)
    d.load_pixels(calibration_stacks.subspan(s * kStackBytes).first<kStackBytes>(),
                  d.stack_inputs.data() + s * input_values);
  double scale = 1.0 / 255.0;  // the real value of one unit: of a pixel, an activation or a sum
  for (std::size_t i = 0; i < d.layers.size(); ++i) {
    d.quantise_layer(d.layers[i], parameters, scale);
    if (i + 1 < d.layers.size()) scale *= d.calibrate_layer(i, num_stacks) / 127.0;
  }
  d.built = true;
  start_episode();
}

int IntegerPolicy::decide(Stack stack) {
  Data& d = *data_;
  QUERN_ASSERT(d.built);
  d.load_pixels(stack, d.inputs.front().data());
  for (std::size_t i = 0; i < d.layers.size(); ++i) {
    d.compute_sums(d.layers[i], d.inputs[i].data(), d.sums.data());
    if (i + 1 < d.layers.size()) d.requantise(i, d.sums.data(), d.inputs[i + 1].data());
  }
  const auto last = sums();
  return static_cast<int>(std::max_element(last.begin(), last.end()) - last.begin());  // the first of equals
}

std::span<const std::int32_t> IntegerPolicy::sums() const noexcept {
  return {data_->sums.data(), data_->num_actions};
}

// Every decision is computed from its stack alone.
void IntegerPolicy::start_episode() {}

}  // namespace quern::policy
