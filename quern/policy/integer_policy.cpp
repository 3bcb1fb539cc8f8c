#include "quern/policy/integer_policy.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <stdexcept>

#include "quern/base/assert.h"
#include "quern/policy/integer_layer.h"
#include "quern/policy/kernels.h"
#include "quern/policy/picture_blocks.h"
#include "quern/policy/quantise.h"

namespace quern::policy {
namespace {

// Patches of this many positions are gathered at a time: they stay in the first-level cache while all weights
// pass by.
constexpr std::size_t kPatches = 32;
static_assert(kPatches % kRowBlock == 0);

// Enough to read the weights seldom, few enough for their activations to stay in the second-level cache.
constexpr std::size_t kStacksAtOnce = 16;

std::size_t whole_blocks(std::size_t rows) {
  return (rows + kRowBlock - 1) / kRowBlock * kRowBlock;
}

const Kernels& find_kernels(std::string_view name) {
  for (const Kernels* kernels : kernels_here())
    if (name == kernels->name) return *kernels;
  if (name.empty()) return *kernels_here().back();
  throw std::invalid_argument("[IntegerPolicy] kernel must be one of kernel_names(), got '" +
                              std::string(name) + "'");
}

int best_action(std::span<const std::int32_t> sums) {
  return static_cast<int>(std::max_element(sums.begin(), sums.end()) - sums.begin());  // the first of equals
}

// The least scale of a layer whose sums are nowhere positive: an activation of 1 and a weight of 1 keep the
// unit.
constexpr std::int32_t kSilent = 127 * 127;

// The sum that becomes the activation 127: the largest one, or the largest absolute one of a layer that is
// silent on all stacks, so that its unit stays of the size of its sums.
std::int32_t full_scale(std::span<const std::int32_t> sums) {
  std::int32_t smallest = 0, largest = 0;
  for (const std::int32_t sum : sums) {
    smallest = std::min(smallest, sum);
    largest = std::max(largest, sum);
  }
  return largest > 0 ? largest : std::max(kSilent, -smallest);
}

constexpr double kPixelUnit = 1.0 / 255.0;  // the real value of one unit: of a pixel, an activation or a sum

ReadParameters parameters_of(std::span<const float> parameters) {
  return [parameters](std::size_t at, std::span<float> room) { return parameters.subspan(at, room.size()); };
}

// unit: of a sum; becomes that of an activation.
void set_activation(IntegerLayer& layer, std::int32_t largest_sum, double& unit) {
  layer.requantiser = make_requantiser(largest_sum);
  unit *= largest_sum / 127.0;
}

}  // namespace

std::vector<std::string> kernel_names() {
  std::vector<std::string> names;
  for (const Kernels* kernels : kernels_here()) names.emplace_back(kernels->name);
  return names;
}

bool are_possible(const Scales& scales, std::size_t num_layers) noexcept {
  if (scales.size() != num_layers) return false;
  for (std::size_t i = 0; i < num_layers; ++i) {
    const auto [weight, sum] = scales[i];
    if (!(weight >= 0) || !std::isfinite(weight)) return false;
    if (i + 1 < num_layers ? sum <= 0 : sum != 0) return false;
  }
  return true;
}

struct IntegerPolicy::Data {
  // What the last decision left of a layer.
  struct Kept {
    Aligned<std::uint8_t> input;
    std::vector<PixelMask> changed;  // convolution: rows of the input, since the last decision
    Aligned<std::uint8_t> before;    // dense: the input that sums belong to
    Aligned<std::int32_t> sums;      // dense
  };
  // The same of many stacks in a row, of which only what differs from the one before is computed.
  struct Many {
    Aligned<std::uint8_t> inputs;    // [stacks, input]
    std::vector<PixelMask> changed;  // convolution: [stacks, in_height], from the stack before
  };

  Data(const Network& shape, const Kernels& chosen);

  void check_size(std::span<const float> parameters) const;
  void build(const ReadParameters& read, const Scales& scales);
  void convolve(std::size_t index, const std::uint8_t* input, std::span<const std::uint16_t> some,
                std::int32_t* sums) noexcept;
  void update_convolution(std::size_t index) noexcept;
  void update_dense(std::size_t index) noexcept;
  Many& make_room(std::size_t index, std::size_t num_stacks);
  void load_many(std::span<const Stack> stacks);
  void forward_many(std::size_t index, std::size_t num_stacks);
  void requantise_many(std::size_t index, std::size_t num_stacks);

  Network network;
  const Kernels* kernels;
  std::size_t num_actions;
  bool built = false;
  bool fresh = true;  // nothing is kept
  bool backwards = false;
  std::vector<IntegerLayer> layers;
  PictureBlocks pictures;
  std::vector<Kept> kept;
  std::vector<Many> many;
  std::vector<std::uint16_t> all_positions, positions;
  std::vector<std::uint32_t> list, other_list;
  Aligned<std::uint8_t> patches, activations;
  Aligned<std::int32_t> sums;
  // Of a layer for many stacks: the positions computed and their sums, one stack after the other.
  std::vector<std::uint16_t> many_positions;
  std::vector<std::size_t> many_counts;  // [stacks]
  Aligned<std::int32_t> many_sums;
};

IntegerPolicy::Data::Data(const Network& shape, const Kernels& chosen)
    : network(shape),
      kernels(&chosen),
      num_actions(static_cast<std::size_t>(network.num_actions)),
      layers(make_layers(network)),
      pictures(network.layers.front()) {
  std::size_t most_positions = 0, most_groups = 0, longest_patch = 0, most_outputs = 0;
  for (const IntegerLayer& layer : layers) {
    Kept& of_layer = kept.emplace_back();
    many.emplace_back();
    of_layer.input.assign(layer.input_bytes, 0);
    most_outputs = std::max(most_outputs, layer.outputs);
    if (layer.dense()) {
      of_layer.before.assign(layer.input_bytes, 0);
      of_layer.sums.assign(layer.outputs, 0);
      most_groups = std::max(most_groups, layer.groups);
    } else {
      of_layer.changed.assign(static_cast<std::size_t>(layer.shape.in_height), {});
      most_positions = std::max(most_positions, layer.positions);
      longest_patch = std::max(longest_patch, layer.length());
    }
  }
  all_positions.resize(most_positions);
  std::iota(all_positions.begin(), all_positions.end(), std::uint16_t{0});
  positions.resize(most_positions);
  list.resize(most_groups);
  other_list.resize(most_groups);
  patches.assign(kPatches * longest_patch, 0);
  activations.assign(kPatches * most_outputs, 0);
  sums.assign(kPatches * most_outputs, 0);
}

void IntegerPolicy::Data::check_size(std::span<const float> parameters) const {
  if (parameters.size() == network.num_parameters) return;
  throw std::invalid_argument("[IntegerPolicy::build] parameters must have " +
                              std::to_string(network.num_parameters) + " elements, got " +
                              std::to_string(parameters.size()));
}

void IntegerPolicy::Data::build(const ReadParameters& read, const Scales& scales) {
  if (!are_possible(scales, layers.size()))
    throw std::invalid_argument("[IntegerPolicy::build] scales must be possible for " +
                                std::to_string(layers.size()) + " layers, see are_possible()");
  built = false;
  fresh = true;
  double unit = kPixelUnit;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    quantise_layer(layers[i], *kernels, read, scales[i].largest_weight, unit);
    if (i + 1 < layers.size()) set_activation(layers[i], scales[i].largest_sum, unit);
  }
  built = true;
}

// At most kPatches positions.
void IntegerPolicy::Data::convolve(std::size_t index, const std::uint8_t* input,
                                   std::span<const std::uint16_t> some, std::int32_t* to) noexcept {
  const IntegerLayer& layer = layers[index];
  kernels->gather(input, layer.corners.data(), some.data(), some.size(), layer.patch, patches.data(),
                  layer.length());
  const auto multiply = index == 0 ? kernels->multiply_pixels : kernels->multiply;
  multiply(patches.data(), some.size(), layer.product(), to);
}

void IntegerPolicy::Data::update_convolution(std::size_t index) noexcept {
  const IntegerLayer& layer = layers[index];
  Kept &from = kept[index], &to = kept[index + 1];
  std::span<const std::uint16_t> due(all_positions.data(), layer.positions);
  if (!fresh) due = {positions.data(), list_positions(layer, from.changed.data(), positions.data())};
  std::fill(to.changed.begin(), to.changed.end(), PixelMask{});
  while (!due.empty()) {
    const auto some = due.first(std::min(due.size(), kPatches));
    due = due.subspan(some.size());
    convolve(index, from.input.data(), some, sums.data());
    kernels->requantise(sums.data(), some.size() * layer.outputs, layer.requantiser, activations.data());
    store_activations(layer, layers[index + 1], some, activations.data(), to.input.data(), to.changed.data());
  }
}

// Starts from the kept sums where fewer groups have changed than are not zero.
void IntegerPolicy::Data::update_dense(std::size_t index) noexcept {
  const IntegerLayer& layer = layers[index];
  Kept& here = kept[index];
  const std::uint8_t* now = here.input.data();
  const std::size_t active = kernels->list_changed(now, nullptr, layer.groups, list.data());
  const std::size_t changed =
      fresh ? layer.groups : kernels->list_changed(now, here.before.data(), layer.groups, other_list.data());
  if (changed < active) {
    kernels->update(now, here.before.data(), other_list.data(), changed, layer.product(), backwards,
                    here.sums.data());
  } else {
    std::copy(layer.biases.begin(), layer.biases.end(), here.sums.begin());
    kernels->update(now, nullptr, list.data(), active, layer.product(), backwards, here.sums.data());
  }
  here.before = here.input;
  if (index + 1 < layers.size())
    kernels->requantise(here.sums.data(), layer.outputs, layer.requantiser, kept[index + 1].input.data());
}

// Room for many inputs of layer `index`; bytes that nobody writes to stay zero.
IntegerPolicy::Data::Many& IntegerPolicy::Data::make_room(std::size_t index, std::size_t num_stacks) {
  const IntegerLayer& layer = layers[index];
  Many& room = many[index];
  room.inputs.resize(std::max(room.inputs.size(), whole_blocks(num_stacks) * layer.input_bytes), 0);
  if (!layer.dense())
    room.changed.assign(num_stacks * static_cast<std::size_t>(layer.shape.in_height), PixelMask{});
  return room;
}

void IntegerPolicy::Data::load_many(std::span<const Stack> stacks) {
  Many& to = make_room(0, stacks.size());
  Kept& first = kept.front();
  for (std::size_t s = 0; s < stacks.size(); ++s) {
    pictures.take(stacks[s].data(), *kernels, first.input.data(), to.changed.data() + s * kInputSide);
    std::copy(first.input.begin(), first.input.end(), to.inputs.data() + s * first.input.size());
  }
  fresh = true;  // the kept input is no longer that of the last decision
}

void IntegerPolicy::Data::forward_many(std::size_t index, std::size_t num_stacks) {
  const IntegerLayer& layer = layers[index];
  const Many& from = many[index];
  many_positions.clear();
  many_counts.assign(num_stacks, 1);
  many_sums.resize(std::max(many_sums.size(), (num_stacks * layer.positions + kRowBlock) * layer.outputs));
  if (layer.dense()) {
    many_positions.assign(num_stacks, 0);
    kernels->multiply(from.inputs.data(), num_stacks, layer.product(), many_sums.data());
    return;
  }
  for (std::size_t s = 0; s < num_stacks; ++s) {
    std::span<const std::uint16_t> due(all_positions.data(), layer.positions);
    const PixelMask* changed = from.changed.data() + s * static_cast<std::size_t>(layer.shape.in_height);
    if (s > 0) due = {positions.data(), list_positions(layer, changed, positions.data())};
    for (std::size_t done = 0; done < due.size(); done += kPatches)
      convolve(index, from.inputs.data() + s * layer.input_bytes,
               due.subspan(done, std::min(kPatches, due.size() - done)),
               many_sums.data() + (many_positions.size() + done) * layer.outputs);
    many_positions.insert(many_positions.end(), due.begin(), due.end());
    many_counts[s] = due.size();
  }
}

void IntegerPolicy::Data::requantise_many(std::size_t index, std::size_t num_stacks) {
  const IntegerLayer &layer = layers[index], &next = layers[index + 1];
  Many& to = make_room(index + 1, num_stacks);
  const std::int32_t* from = many_sums.data();
  const std::uint16_t* position = many_positions.data();
  for (std::size_t s = 0; s < num_stacks; ++s) {
    std::uint8_t* input = to.inputs.data() + s * next.input_bytes;
    if (s > 0) std::copy_n(input - next.input_bytes, next.input_bytes, input);
    PixelMask* changed =
        next.dense() ? nullptr : to.changed.data() + s * static_cast<std::size_t>(next.shape.in_height);
    for (std::size_t left = many_counts[s]; left > 0;) {
      const std::size_t count = std::min(left, kPatches);
      kernels->requantise(from, count * layer.outputs, layer.requantiser, activations.data());
      store_activations(layer, next, {position, count}, activations.data(), input, changed);
      from += count * layer.outputs;
      position += count;
      left -= count;
    }
  }
}

IntegerPolicy::IntegerPolicy(const Network& network, std::string_view kernel)
    : data_(std::make_unique<Data>(network, find_kernels(kernel))) {}
IntegerPolicy::~IntegerPolicy() = default;
IntegerPolicy::IntegerPolicy(IntegerPolicy&&) noexcept = default;
IntegerPolicy& IntegerPolicy::operator=(IntegerPolicy&&) noexcept = default;

Scales IntegerPolicy::build(std::span<const float> parameters,
                            std::span<const std::uint8_t> calibration_stacks) {
  Data& d = *data_;
  d.check_size(parameters);
  if (calibration_stacks.empty() || calibration_stacks.size() % kStackBytes != 0)
    throw std::invalid_argument(
        "[IntegerPolicy::build] calibration_stacks must be whole stacks, at least one, got " +
        std::to_string(calibration_stacks.size()) + " bytes");
  d.built = false;
  forget();
  std::vector<Stack> stacks;
  for (std::size_t at = 0; at < calibration_stacks.size(); at += kStackBytes)
    stacks.push_back(calibration_stacks.subspan(at).first<kStackBytes>());
  d.load_many(stacks);
  Scales scales;
  double unit = kPixelUnit;
  for (std::size_t i = 0; i < d.layers.size(); ++i) {
    IntegerLayer& layer = d.layers[i];
    LayerScale& scale = scales.emplace_back();
    scale.largest_weight = largest_weight(layer, *d.kernels, parameters);
    quantise_layer(layer, *d.kernels, parameters_of(parameters), scale.largest_weight, unit);
    if (i + 1 == d.layers.size()) break;
    d.forward_many(i, stacks.size());
    scale.largest_sum = full_scale(std::span(d.many_sums).first(d.many_positions.size() * layer.outputs));
    set_activation(layer, scale.largest_sum, unit);
    d.requantise_many(i, stacks.size());
  }
  d.built = true;
  return scales;
}

void IntegerPolicy::build(std::span<const float> parameters, const Scales& scales) {
  Data& d = *data_;
  d.check_size(parameters);
  for (const IntegerLayer& layer : d.layers) largest_weight(layer, *d.kernels, parameters);  // checks them
  d.build(parameters_of(parameters), scales);
}

void IntegerPolicy::build_child(std::span<const float> parent, Perturbation perturbation,
                                const Scales& scales) {
  Data& d = *data_;
  d.check_size(parent);
  const Noise noise(d.network, perturbation);
  d.build(
      [&](std::size_t at, std::span<float> room) {
        noise.add(parent.subspan(at, room.size()), room, at);
        return std::span<const float>(room);
      },
      scales);
}

int IntegerPolicy::decide(Stack stack) {
  Data& d = *data_;
  QUERN_ASSERT(d.built);
  Data::Kept& first = d.kept.front();
  d.pictures.take(stack.data(), *d.kernels, first.input.data(), first.changed.data());
  for (std::size_t i = 0; i < d.layers.size(); ++i) {
    if (d.layers[i].dense())
      d.update_dense(i);
    else
      d.update_convolution(i);
  }
  d.fresh = false;
  d.backwards = !d.backwards;
  return best_action(sums());
}

std::span<const std::int32_t> IntegerPolicy::sums() const noexcept {
  return {data_->kept.back().sums.data(), data_->num_actions};
}

void IntegerPolicy::decide_many(std::span<const Stack> stacks, std::span<int> actions) {
  Data& d = *data_;
  QUERN_ASSERT(d.built && stacks.size() == actions.size());
  while (!stacks.empty()) {
    const auto some = stacks.first(std::min(stacks.size(), kStacksAtOnce));
    d.load_many(some);
    for (std::size_t i = 0; i < d.layers.size(); ++i) {
      d.forward_many(i, some.size());
      if (i + 1 < d.layers.size()) d.requantise_many(i, some.size());
    }
    for (std::size_t s = 0; s < some.size(); ++s)
      actions[s] = best_action(std::span(d.many_sums).subspan(s * d.layers.back().outputs, d.num_actions));
    stacks = stacks.subspan(some.size());
    actions = actions.subspan(some.size());
  }
}

void IntegerPolicy::forget() noexcept {
  data_->fresh = true;
}

}  // namespace quern::policy
