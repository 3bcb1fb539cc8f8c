#include "quern/evolve/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "quern/base/error.h"
#include "quern/run/byte_stream.h"
#include "quern/run/safetensors.h"

namespace quern::evolve {
namespace {

constexpr std::uint32_t kStateVersion = 4;
constexpr const char* kPolicyFormat = "quern policy 2";
constexpr const char* kOlderHint =
    "a program of the version in run.json reads it; a new run with its config.toml begins anew";
constexpr const char* kStateFormat = "quern evolve state";
constexpr const char* kGenerator = "philox4x32-10, box-muller 1";
constexpr std::size_t kMutationBytes = 16;

constexpr std::string_view kCentreWord = "centre:";

void write_genome(run::ByteWriter& out, const Genome& genome) {
  out.u32(genome.of_centre ? 1 : 0);
  out.u64(genome.initial_seed);
  out.u64(genome.mutations.size());
  for (const Mutation& mutation : genome.mutations) {
    out.u64(mutation.seed);
    out.u32(std::bit_cast<std::uint32_t>(mutation.power));
    out.u32(static_cast<std::uint32_t>(mutation.rank));
  }
}

Genome read_genome(run::ByteReader& in) {
  const bool of_centre = in.u32() != 0;
  Genome genome{.initial_seed = in.u64(), .mutations = {}, .of_centre = of_centre};
  genome.mutations.resize(in.count(kMutationBytes));
  for (Mutation& mutation : genome.mutations) {
    mutation.seed = in.u64();
    mutation.power = std::bit_cast<float>(in.u32());
    const std::uint32_t rank = in.u32();
    if (rank > policy::kMaxRank) in.fail(fmt::format("a mutation of rank {}", rank));
    mutation.rank = static_cast<int>(rank);
  }
  return genome;
}

void write_floats(run::ByteWriter& out, std::span<const float> values) {
  out.u64(values.size());
  for (const float value : values) out.u32(std::bit_cast<std::uint32_t>(value));
}

std::vector<float> read_floats(run::ByteReader& in) {
  std::vector<float> values(in.count(sizeof(float)));
  for (float& value : values) value = std::bit_cast<float>(in.u32());
  return values;
}

Parameters read_parameters(run::ByteReader& in) {
  return std::make_shared<const std::vector<float>>(read_floats(in));
}

std::int64_t read_count(run::ByteReader& in, const char* what) {
  const std::uint64_t value = in.u64();
  if (value > std::uint64_t{1} << 53) in.fail(fmt::format("{} is out of range", what));
  return static_cast<std::int64_t>(value);
}

// Behaviours change by a few bytes from one decision to the next: a mask of those that do, then these.
void write_behaviour(run::ByteWriter& out, const Behaviour& behaviour) {
  out.u64(behaviour.size() / kBehaviourStep);
  std::array<std::uint8_t, kBehaviourStep> last{};
  std::string changed;
  for (std::size_t at = 0; at < behaviour.size(); at += kBehaviourStep) {
    std::array<std::uint32_t, kBehaviourStep / 32> masks{};
    changed.clear();
    for (std::size_t i = 0; i < kBehaviourStep; ++i) {
      if (behaviour[at + i] == last[i]) continue;
      last[i] = behaviour[at + i];
      masks[i / 32] |= std::uint32_t{1} << (i % 32);
      changed.push_back(static_cast<char>(last[i]));
    }
    for (const std::uint32_t mask : masks) out.u32(mask);
    out.text(changed);
  }
}

SharedBehaviour read_behaviour(run::ByteReader& in) {
  const std::size_t decisions = in.count(kBehaviourStep / 8 + sizeof(std::uint32_t));
  if (decisions == 0) in.fail("a behaviour without decisions");
  Behaviour behaviour;
  std::array<std::uint8_t, kBehaviourStep> last{};
  for (std::size_t decision = 0; decision < decisions; ++decision) {
    std::array<std::uint32_t, kBehaviourStep / 32> masks{};
    std::size_t num_changed = 0;
    for (std::uint32_t& mask : masks) {
      mask = in.u32();
      num_changed += static_cast<std::size_t>(std::popcount(mask));
    }
    const std::string changed = in.text();
    if (changed.size() != num_changed) in.fail("a behaviour whose mask and bytes disagree");
    std::size_t next = 0;
    for (std::size_t i = 0; i < kBehaviourStep; ++i) {
      if ((masks[i / 32] >> (i % 32) & 1) != 0) last[i] = static_cast<std::uint8_t>(changed[next++]);
    }
    behaviour.insert(behaviour.end(), last.begin(), last.end());
  }
  return std::make_shared<const Behaviour>(std::move(behaviour));
}

void write_centre(run::ByteWriter& out, const Centre& centre) {
  out.u64(centre.id);
  out.u32(static_cast<std::uint32_t>(centre.member));
  out.u64(static_cast<std::uint64_t>(centre.steps));
  out.u64(centre.behaviour);
  write_floats(out, *centre.parameters);
  write_floats(out, centre.mean);
  write_floats(out, centre.square);
}

Centre read_centre(run::ByteReader& in) {
  Centre centre{.id = in.u64()};
  centre.member = static_cast<int>(in.u32());
  centre.steps = read_count(in, "number of steps");
  centre.behaviour = static_cast<std::size_t>(read_count(in, "place in the archive"));
  centre.parameters = read_parameters(in);
  centre.mean = read_floats(in);
  centre.square = read_floats(in);
  if (centre.mean.size() != centre.parameters->size() || centre.square.size() != centre.parameters->size()) {
    in.fail("a centre with arrays of different sizes");
  }
  return centre;
}

// Every field of the state behind the counters.
void write_search(run::ByteWriter& out, const SearchState& search) {
  out.text(method_name(search.method));
  out.u64(search.parents.size());
  for (const Parent& parent : search.parents) {
    write_genome(out, parent.genome);
    out.u64(static_cast<std::uint64_t>(parent.frames));
    out.f64(parent.episode_return);
  }
  out.u32(search.elite ? 1 : 0);
  if (search.elite) {
    write_genome(out, search.elite->genome);
    out.f64(search.elite->mean_return);
    out.u64(static_cast<std::uint64_t>(search.elite->validations));
    if (search.elite->genome.of_centre) write_floats(out, *search.elite->parameters);
  }
  write_floats(out, search.group_powers);
  out.u64(search.centres.size());
  for (const Centre& centre : search.centres) write_centre(out, centre);
  out.u64(search.archive.size());
  for (const SharedBehaviour& behaviour : search.archive) write_behaviour(out, *behaviour);
}

void read_search(run::ByteReader& in, SearchState& search) {
  const std::string name = in.text();
  const std::optional<Method> method = find_method(name);
  if (!method) in.fail(fmt::format("'{}' is no method of this version", name));
  search.method = *method;
  search.parents.resize(in.count(sizeof(std::uint64_t) * 4));
  for (Parent& parent : search.parents) {
    parent.genome = read_genome(in);
    parent.frames = read_count(in, "length of an episode");
    parent.episode_return = in.f64();
  }
  if (in.u32() != 0) {
    Elite elite;
    elite.genome = read_genome(in);
    elite.mean_return = in.f64();
    elite.validations = read_count(in, "number of validations");
    if (elite.genome.of_centre) elite.parameters = read_parameters(in);
    search.elite = std::move(elite);
  }
  search.group_powers = read_floats(in);
  search.centres.resize(in.count(sizeof(std::uint64_t)));
  for (Centre& centre : search.centres) centre = read_centre(in);
  search.archive.resize(in.count(sizeof(std::uint64_t)));
  for (SharedBehaviour& behaviour : search.archive) behaviour = read_behaviour(in);
  for (const Centre& centre : search.centres) {
    if (has_novelty(search.method) && centre.behaviour >= search.archive.size()) {
      in.fail("a centre whose behaviour is not in the archive");
    }
  }
}

/// "initial_seed seed:power seed:power:rank ...", in hex, powers as the bits of the float, no rank where it
/// is 0; of a centre with "centre:" before the first.
std::string genome_text(const Genome& genome) {
  std::string text = fmt::format("{}{:016x}", genome.of_centre ? kCentreWord : "", genome.initial_seed);
  for (const Mutation& mutation : genome.mutations) {
    text += fmt::format(" {:016x}:{:08x}", mutation.seed, std::bit_cast<std::uint32_t>(mutation.power));
    if (mutation.rank != 0) text += fmt::format(":{:x}", mutation.rank);
  }
  return text;
}

template <typename Number>
Number parse_hex(std::string_view text, const char* key, const std::string& name) {
  Number value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (fault != std::errc{} || end != text.data() + text.size()) {
    throw base::Error(fmt::format("{}: metadata '{}' has '{}', not a hexadecimal number", name, key, text));
  }
  return value;
}

/// Removes the first word, up to a space, from the text.
std::string_view take_word(std::string_view& text) {
  const std::size_t space = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, space);
  text.remove_prefix(std::min(space + 1, text.size()));
  return word;
}

/// "first:second" in hex.
template <typename First, typename Second>
std::pair<First, Second> parse_pair(std::string_view word, const char* key, const std::string& name) {
  const std::size_t colon = std::min(word.find(':'), word.size());
  return {parse_hex<First>(word.substr(0, colon), key, name),
          parse_hex<Second>(word.substr(std::min(colon + 1, word.size())), key, name)};
}

Genome parse_genome(std::string_view text, const std::string& name) {
  Genome genome;
  std::string_view first = take_word(text);
  genome.of_centre = first.starts_with(kCentreWord);
  if (genome.of_centre) first.remove_prefix(kCentreWord.size());
  genome.initial_seed = parse_hex<std::uint64_t>(first, "genome", name);
  while (!text.empty()) {
    std::string_view word = take_word(text);
    std::uint32_t rank = 0;
    if (const std::size_t last = word.rfind(':'); last != word.find(':')) {
      rank = parse_hex<std::uint32_t>(word.substr(last + 1), "genome", name);
      word = word.substr(0, last);
    }
    if (rank > policy::kMaxRank)
      throw base::Error(fmt::format("{}: metadata 'genome' has a mutation of rank {}", name, rank));
    const auto [seed, power] = parse_pair<std::uint64_t, std::uint32_t>(word, "genome", name);
    genome.mutations.push_back(
        {.seed = seed, .power = std::bit_cast<float>(power), .rank = static_cast<int>(rank)});
  }
  return genome;
}

/// "largest_weight:largest_sum ..." of the layers, weights as the bits of the float, both in hex.
std::string scales_text(const policy::Scales& scales) {
  std::string text;
  for (const policy::LayerScale& scale : scales) {
    text += fmt::format("{}{:08x}:{:08x}", text.empty() ? "" : " ",
                        std::bit_cast<std::uint32_t>(scale.largest_weight), scale.largest_sum);
  }
  return text;
}

policy::Scales parse_scales(std::string_view text, const std::string& name, std::size_t num_layers) {
  policy::Scales scales;
  while (!text.empty()) {
    const auto [weight, sum] = parse_pair<std::uint32_t, std::int32_t>(take_word(text), "scales", name);
    scales.push_back({.largest_weight = std::bit_cast<float>(weight), .largest_sum = sum});
  }
  if (!policy::are_possible(scales, num_layers)) {
    throw base::Error(fmt::format("{}: metadata 'scales' is impossible for {} layers", name, num_layers));
  }
  return scales;
}

std::vector<std::int64_t> weight_shape(const policy::Layer& layer) {
  if (layer.kind == policy::LayerKind::Dense) return {layer.out_channels, layer.fan_in()};
  return {layer.out_channels, layer.in_channels, layer.kernel, layer.kernel};
}

std::string tensor_name(std::size_t layer, const char* part) {
  return fmt::format("layer{}.{}", layer, part);
}

}  // namespace

std::vector<std::uint8_t> encode_state(const SavedState& saved) {
  run::ByteWriter out;
  out.text(kStateFormat);
  out.u32(kStateVersion);
  out.text(kGenerator);
  out.u64(static_cast<std::uint64_t>(saved.metrics_records));
  out.u64(static_cast<std::uint64_t>(saved.search.generation));
  out.u64(static_cast<std::uint64_t>(saved.search.frames_used));
  write_search(out, saved.search);
  return out.take();
}

SavedState decode_state(std::span<const std::uint8_t> bytes, const std::string& name) {
  run::ByteReader in(bytes, name);
  if (in.text() != kStateFormat) in.fail("not the state of an evolve run");
  if (const std::uint32_t version = in.u32(); version != kStateVersion) {
    throw base::Error(
        fmt::format("{}: state version {}, this program reads {}", name, version, kStateVersion), kOlderHint);
  }
  if (const std::string generator = in.text(); generator != kGenerator) {
    in.fail(fmt::format("random generator '{}', this program has '{}'", generator, kGenerator));
  }
  SavedState saved;
  saved.metrics_records = read_count(in, "number of metrics records");
  saved.search.generation = read_count(in, "generation");
  saved.search.frames_used = read_count(in, "number of frames");
  read_search(in, saved.search);
  if (saved.search.elite.has_value() != (saved.search.generation > 0)) {
    in.fail("an elite is there if and only if a generation is finished");
  }
  in.expect_end();
  return saved;
}

std::vector<std::uint8_t> encode_policy(const SavedPolicy& saved) {
  run::SafetensorsFile file;
  file.metadata = {{"format", kPolicyFormat},
                   {"game", saved.game},
                   {"preset", saved.preset},
                   {"network", saved.network.name},
                   {"num_actions", fmt::format("{}", saved.network.num_actions)},
                   {"generator", kGenerator},
                   {"genome", genome_text(saved.genome)},
                   {"scales", scales_text(saved.scales)}};
  const auto values = [&](std::size_t at, std::size_t count) {
    const auto begin = saved.parameters.begin() + static_cast<std::ptrdiff_t>(at);
    return std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(count));
  };
  for (std::size_t i = 0; i < saved.network.layers.size(); ++i) {
    const policy::Layer& layer = saved.network.layers[i];
    const auto outputs = static_cast<std::size_t>(layer.out_channels);
    file.tensors.push_back(
        {.name = tensor_name(i, "weight"),
         .shape = weight_shape(layer),
         .values = values(layer.weights_at, outputs * static_cast<std::size_t>(layer.fan_in()))});
    file.tensors.push_back({.name = tensor_name(i, "bias"),
                            .shape = {layer.out_channels},
                            .values = values(layer.biases_at, outputs)});
  }
  return run::encode_safetensors(file);
}

SavedPolicy decode_policy(std::span<const std::uint8_t> bytes, const std::string& name) {
  const run::SafetensorsFile file = run::decode_safetensors(bytes, name);
  const auto metadata = [&](const char* key) -> const std::string& {
    const auto at = file.metadata.find(key);
    if (at == file.metadata.end()) throw base::Error(fmt::format("{}: no '{}' in the metadata", name, key));
    return at->second;
  };
  if (metadata("format") != kPolicyFormat) {
    throw base::Error(fmt::format("{}: format '{}' is not '{}'", name, metadata("format"), kPolicyFormat),
                      kOlderHint);
  }
  SavedPolicy saved{.game = metadata("game"),
                    .preset = metadata("preset"),
                    .network = {},
                    .genome = {},
                    .parameters = {},
                    .scales = {}};
  const std::string& actions = metadata("num_actions");
  int num_actions = 0;
  std::from_chars(actions.data(), actions.data() + actions.size(), num_actions);
  if (num_actions < 1 || num_actions > 18) {
    throw base::Error(fmt::format("{}: num_actions is '{}', must be 1 to 18", name, actions));
  }
  try {
    saved.network = policy::make_network(metadata("network"), num_actions);
  } catch (const std::invalid_argument& fault) {
    throw base::Error(fmt::format("{}: {}", name, fault.what()));
  }
  saved.genome = parse_genome(metadata("genome"), name);
  saved.scales = parse_scales(metadata("scales"), name, saved.network.layers.size());
  saved.parameters.resize(saved.network.num_parameters);
  const auto read = [&](const std::string& wanted, const std::vector<std::int64_t>& shape, std::size_t at) {
    const auto tensor = std::find_if(file.tensors.begin(), file.tensors.end(),
                                     [&](const run::Tensor& t) { return t.name == wanted; });
    if (tensor == file.tensors.end() || tensor->shape != shape) {
      throw base::Error(fmt::format("{}: tensor '{}' is missing or has another shape than network '{}'", name,
                                    wanted, saved.network.name));
    }
    std::copy(tensor->values.begin(), tensor->values.end(),
              saved.parameters.begin() + static_cast<std::ptrdiff_t>(at));
  };
  for (std::size_t i = 0; i < saved.network.layers.size(); ++i) {
    const policy::Layer& layer = saved.network.layers[i];
    read(tensor_name(i, "weight"), weight_shape(layer), layer.weights_at);
    read(tensor_name(i, "bias"), {layer.out_channels}, layer.biases_at);
  }
  return saved;
}

}  // namespace quern::evolve
