#include "quern/analog/network/checkpoint.h"

#include <fmt/format.h>

#include <bit>
#include <type_traits>

#include "quern/base/error.h"
#include "quern/run/safetensors.h"

namespace quern::analog {
namespace {

constexpr std::uint32_t kVersion = 2;
constexpr const char* kStateFormat = "quern analog state";
constexpr const char* kGenerator = "philox4x32-10, box-muller 1";

/// One list of functions says what a tile's state is: it writes with a ByteWriter, and reads with a
/// ByteReader what was written.
struct Writer {
  run::ByteWriter& out;

  void number(std::uint64_t value) const { out.u64(value); }
  void sign(int value, const char*) const { out.u32(value < 0 ? 1 : 0); }
  void integer(int value, int, int, const char*) const { out.u32(static_cast<std::uint32_t>(value)); }
  template <typename Values>
  void values(const Values& values, const char*) const {
    out.u64(values.size());
    for (const auto value : values) out.u32(std::bit_cast<std::uint32_t>(value));
  }
};

struct Reader {
  run::ByteReader& in;

  void number(std::uint64_t& value) const { value = in.u64(); }
  void sign(int& value, const char* what) const {
    const std::uint32_t negative = in.u32();
    if (negative > 1) in.fail(fmt::format("{} is neither 0 nor 1", what));
    value = negative == 1 ? -1 : 1;
  }
  void integer(int& value, int least, int most, const char* what) const {
    value = static_cast<int>(in.u32());
    if (value < least || value > most) in.fail(fmt::format("{} is out of range", what));
  }
  /// As many as there are.
  template <typename Values>
  void values(Values& values, const char* what) const {
    const std::uint64_t size = in.u64();
    if (size != values.size())
      in.fail(fmt::format("{} {}, where the configuration makes {}", size, what, values.size()));
    for (auto& value : values) value = std::bit_cast<std::remove_reference_t<decltype(value)>>(in.u32());
  }
};

template <typename Visitor, typename T>
void visit_state(const Visitor& visitor, T& tile) requires std::is_same_v<std::remove_const_t<T>, IdealTile> {
  visitor.values(tile.weights, "weights");
}

template <typename Visitor, typename T>
void visit_state(const Visitor& visitor, T& tile) requires std::is_same_v<std::remove_const_t<T>, Tile> {
  auto& state = tile.state;
  visitor.values(state.weights, "weights");
  visitor.number(state.forwards);
  visitor.number(state.backwards);
  visitor.number(state.updates);
  visitor.number(state.pulses);
  visitor.number(state.pulsed_synapses);
  visitor.values(state.pulse_counts, "pulse counts");
  visitor.values(state.plus, "plus devices");
  visitor.values(state.minus, "minus devices");
  visitor.number(state.refreshed);
}

template <typename Visitor, typename T>
void visit_state(const Visitor& visitor,
                 T& tile) requires std::is_same_v<std::remove_const_t<T>, NatureTile> {
  auto& state = tile.state;
  visitor.sign(state.polarity, "polarity");
  visitor.integer(state.examples, 0, tile.cell.transfer_interval, "examples of the interval");
  visitor.number(state.forwards);
  visitor.number(state.backwards);
  visitor.number(state.updates);
  visitor.number(state.transfers);
  visitor.values(state.charge, "charges");
  visitor.values(state.reference_charge, "charges of references");
  visitor.values(state.plus, "conductances G+");
  visitor.values(state.minus, "conductances G-");
  visitor.values(state.pulses_up, "pulse counts");
  visitor.values(state.pulses_down, "pulse counts");
}

template <typename Visitor, typename T>
void visit_state(const Visitor& visitor, T& tiles) requires std::is_same_v<std::remove_const_t<T>, TikiTaka> {
  visit_state(visitor, tiles.fast);
  visit_state(visitor, tiles.slow);
  visitor.number(tiles.updates);
  visitor.number(tiles.transfers);
  visitor.values(tiles.means, "means of the largest inputs and deltas");
  visitor.values(tiles.buffer, "values of the buffer");
}

/// What follows from a state that was put in place.
template <typename T>
void restore(T&) {}
void restore(NatureTile& tile) {
  restore_derived(tile);
}

void write_histograms(run::ByteWriter& out, const std::vector<Histogram>& histograms) {
  out.u64(histograms.size());
  for (const Histogram& histogram : histograms) {
    out.text(histogram.name);
    out.text(histogram.unit);
    out.f64(histogram.min);
    out.f64(histogram.max);
    out.u64(histogram.counts.size());
    for (const std::uint64_t count : histogram.counts) out.u64(count);
  }
}

std::vector<Histogram> read_histograms(run::ByteReader& in) {
  std::vector<Histogram> histograms(in.count(4 * sizeof(std::uint64_t)));
  for (Histogram& histogram : histograms) {
    histogram.name = in.text();
    histogram.unit = in.text();
    histogram.min = in.f64();
    histogram.max = in.f64();
    histogram.counts.resize(in.count(sizeof(std::uint64_t)));
    for (std::uint64_t& count : histogram.counts) count = in.u64();
  }
  return histograms;
}

std::int64_t read_count(run::ByteReader& in, const char* what) {
  const std::uint64_t value = in.u64();
  if (value > std::uint64_t{1} << 53) in.fail(fmt::format("{} is out of range", what));
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::string generator_name() {
  return kGenerator;
}

void write_tile(run::ByteWriter& out, const AnyTile& tile) {
  out.u32(static_cast<std::uint32_t>(tile.index()));
  std::visit([&](const auto& t) { visit_state(Writer{out}, t); }, tile);
}

void read_tile(run::ByteReader& in, AnyTile& tile) {
  if (in.u32() != tile.index()) in.fail("a tile of another kind than the configuration makes");
  std::visit(
      [&](auto& t) {
        visit_state(Reader{in}, t);
        restore(t);
      },
      tile);
}

std::vector<std::uint8_t> encode_state(std::int64_t metrics_records, std::uint32_t data_checksum,
                                       const TrainState& state) {
  run::ByteWriter out;
  out.text(kStateFormat);
  out.u32(kVersion);
  out.text(kGenerator);
  out.u64(static_cast<std::uint64_t>(metrics_records));
  out.u32(data_checksum);
  out.u64(static_cast<std::uint64_t>(state.epoch));
  out.u64(static_cast<std::uint64_t>(state.position));
  out.f64(state.loss);
  out.u64(static_cast<std::uint64_t>(state.correct));
  out.u64(static_cast<std::uint64_t>(state.transfers.count));
  out.u32(state.transfers.tested ? 1 : 0);
  out.f64(state.transfers.accuracy_before);
  out.f64(state.transfers.accuracy_after);
  write_histograms(out, state.transfers.before);
  write_histograms(out, state.transfers.after);
  out.u64(state.network.layers.size());
  for (const Layer& layer : state.network.layers) {
    out.u64(layer.matrix.tiles.size());
    for (const AnyTile& tile : layer.matrix.tiles) write_tile(out, tile);
  }
  return out.take();
}

SavedState decode_state(std::span<const std::uint8_t> bytes, Network fresh, const std::string& name) {
  run::ByteReader in(bytes, name);
  if (in.text() != kStateFormat) in.fail("not the state of an analog run");
  if (const std::uint32_t version = in.u32(); version != kVersion)
    in.fail(fmt::format("state version {}, this program reads {}", version, kVersion));
  if (const std::string generator = in.text(); generator != kGenerator)
    in.fail(fmt::format("random generator '{}', this program has '{}'", generator, kGenerator));
  SavedState saved;
  saved.metrics_records = read_count(in, "number of metrics records");
  saved.data_checksum = in.u32();
  saved.state.epoch = read_count(in, "epoch");
  saved.state.position = read_count(in, "position");
  saved.state.loss = in.f64();
  saved.state.correct = read_count(in, "number of samples");
  saved.state.transfers.count = read_count(in, "number of transfers");
  const std::uint32_t tested = in.u32();
  if (tested > 1) in.fail("a flag is neither 0 nor 1");
  saved.state.transfers.tested = tested == 1;
  saved.state.transfers.accuracy_before = in.f64();
  saved.state.transfers.accuracy_after = in.f64();
  saved.state.transfers.before = read_histograms(in);
  saved.state.transfers.after = read_histograms(in);
  if (const std::uint64_t layers = in.u64(); layers != fresh.layers.size())
    in.fail(fmt::format("{} layers, where the configuration makes {}", layers, fresh.layers.size()));
  for (Layer& layer : fresh.layers) {
    if (const std::uint64_t tiles = in.u64(); tiles != layer.matrix.tiles.size())
      in.fail(fmt::format("{} tiles, where the configuration makes {}", tiles, layer.matrix.tiles.size()));
    for (AnyTile& tile : layer.matrix.tiles) read_tile(in, tile);
  }
  in.expect_end();
  saved.state.network = std::move(fresh);
  return saved;
}

std::vector<std::uint8_t> encode_model(const Network& network, const std::string& data_set) {
  run::SafetensorsFile file;
  const std::vector<std::string> names = activation_names();
  file.metadata = {{"format", "quern analog 1"},
                   {"data_set", data_set},
                   {"activation", names[static_cast<std::size_t>(network.activation)]}};
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const TiledMatrix& matrix = network.layers[i].matrix;
    const std::size_t outputs = matrix.outputs, inputs = matrix.inputs - 1;  // the last line is the bias
    const std::vector<float> all = weights(matrix);
    std::vector<float> weight, bias;
    weight.reserve(outputs * inputs);
    for (std::size_t o = 0; o < outputs; ++o) {
      const auto row = all.begin() + static_cast<std::ptrdiff_t>(o * matrix.inputs);
      weight.insert(weight.end(), row, row + static_cast<std::ptrdiff_t>(inputs));
      bias.push_back(row[static_cast<std::ptrdiff_t>(inputs)]);
    }
    const auto size = static_cast<std::int64_t>(outputs);
    file.tensors.push_back({.name = fmt::format("layer{}.weight", i),
                            .shape = {size, static_cast<std::int64_t>(inputs)},
                            .values = std::move(weight)});
    file.tensors.push_back(
        {.name = fmt::format("layer{}.bias", i), .shape = {size}, .values = std::move(bias)});
  }
  return run::encode_safetensors(file);
}

std::vector<std::int64_t> model_sizes(std::span<const std::uint8_t> bytes, const std::string& name) {
  std::vector<std::int64_t> sizes;
  for (const run::Tensor& tensor : run::decode_safetensors(bytes, name).tensors) {
    if (tensor.shape.size() != 2) continue;  // biases
    if (sizes.empty()) sizes.push_back(tensor.shape[1]);
    sizes.push_back(tensor.shape[0]);
  }
  if (sizes.empty()) throw base::Error(fmt::format("{}: it holds no matrix of a network", name));
  return sizes;
}

}  // namespace quern::analog
