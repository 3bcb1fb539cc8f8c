#include "quern/evolve/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>

#include "quern/base/error.h"
#include "quern/run/byte_stream.h"
#include "quern/run/safetensors.h"

namespace quern::evolve {
namespace {

constexpr std::uint32_t kStateVersion = 1;
constexpr const char* kStateFormat = "quern evolve state";
constexpr const char* kGenerator = "philox4x32-10, box-muller 1";
constexpr std::size_t kMutationBytes = 12;

void write_genome(run::ByteWriter& out, const Genome& genome) {
  out.u64(genome.initial_seed);
  out.u64(genome.mutations.size());
  for (const Mutation& mutation : genome.mutations) {
    out.u64(mutation.seed);
    out.u32(std::bit_cast<std::uint32_t>(mutation.power));
  }
}

Genome read_genome(run::ByteReader& in) {
  Genome genome{.initial_seed = in.u64(), .mutations = {}};
  genome.mutations.resize(in.count(kMutationBytes));
  for (Mutation& mutation : genome.mutations) {
    mutation.seed = in.u64();
    mutation.power = std::bit_cast<float>(in.u32());
  }
  return genome;
}

std::int64_t read_count(run::ByteReader& in, const char* what) {
  const std::uint64_t value = in.u64();
  if (value > std::uint64_t{1} << 53) in.fail(fmt::format("{} is out of range", what));
  return static_cast<std::int64_t>(value);
}

/// "initial_seed seed:power seed:power ...", powers as the bits of the float in hex.
std::string genome_text(const Genome& genome) {
  std::string text = fmt::format("{:016x}", genome.initial_seed);
  for (const Mutation& mutation : genome.mutations) {
    text += fmt::format(" {:016x}:{:08x}", mutation.seed, std::bit_cast<std::uint32_t>(mutation.power));
  }
  return text;
}

template <typename Number>
Number parse_hex(std::string_view text, const std::string& name) {
  Number value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (fault != std::errc{} || end != text.data() + text.size()) {
    throw base::Error(fmt::format("{}: metadata 'genome' has '{}', not a hexadecimal number", name, text));
  }
  return value;
}

Genome parse_genome(std::string_view text, const std::string& name) {
  Genome genome;
  bool first = true;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (first) {
      genome.initial_seed = parse_hex<std::uint64_t>(word, name);
      first = false;
      continue;
    }
    const std::size_t colon = std::min(word.find(':'), word.size());
    genome.mutations.push_back({.seed = parse_hex<std::uint64_t>(word.substr(0, colon), name),
                                .power = std::bit_cast<float>(parse_hex<std::uint32_t>(
                                    word.substr(std::min(colon + 1, word.size())), name))});
  }
  return genome;
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
  out.u64(saved.search.parents.size());
  for (const Parent& parent : saved.search.parents) {
    write_genome(out, parent.genome);
    out.u64(static_cast<std::uint64_t>(parent.frames));
  }
  out.u32(saved.search.elite ? 1 : 0);
  if (saved.search.elite) {
    write_genome(out, saved.search.elite->genome);
    out.f64(saved.search.elite->mean_return);
    out.u64(static_cast<std::uint64_t>(saved.search.elite->validations));
  }
  return out.take();
}

SavedState decode_state(std::span<const std::uint8_t> bytes, const std::string& name) {
  run::ByteReader in(bytes, name);
  if (in.text() != kStateFormat) in.fail("not the state of an evolve run");
  if (const std::uint32_t version = in.u32(); version != kStateVersion) {
    in.fail(fmt::format("state version {}, this program reads {}", version, kStateVersion));
  }
  if (const std::string generator = in.text(); generator != kGenerator) {
    in.fail(fmt::format("random generator '{}', this program has '{}'", generator, kGenerator));
  }
  SavedState saved;
  saved.metrics_records = read_count(in, "number of metrics records");
  saved.search.generation = read_count(in, "generation");
  saved.search.frames_used = read_count(in, "number of frames");
  saved.search.parents.resize(in.count(sizeof(std::uint64_t) * 3));
  for (Parent& parent : saved.search.parents) {
    parent.genome = read_genome(in);
    parent.frames = read_count(in, "length of an episode");
  }
  if (in.u32() != 0) {
    Elite elite;
    elite.genome = read_genome(in);
    elite.mean_return = in.f64();
    elite.validations = read_count(in, "number of validations");
    saved.search.elite = std::move(elite);
  }
  if (saved.search.elite.has_value() != (saved.search.generation > 0)) {
    in.fail("an elite is there if and only if a generation is finished");
  }
  in.expect_end();
  return saved;
}

std::vector<std::uint8_t> encode_policy(const SavedPolicy& saved) {
  run::SafetensorsFile file;
  file.metadata = {{"format", "quern policy 1"},
                   {"game", saved.game},
                   {"preset", saved.preset},
                   {"network", saved.network.name},
                   {"num_actions", fmt::format("{}", saved.network.num_actions)},
                   {"generator", kGenerator},
                   {"genome", genome_text(saved.genome)}};
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
  if (metadata("format") != "quern policy 1") {
    throw base::Error(fmt::format("{}: format '{}' is not 'quern policy 1'", name, metadata("format")));
  }
  SavedPolicy saved{
      .game = metadata("game"), .preset = metadata("preset"), .network = {}, .genome = {}, .parameters = {}};
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
