// Trains the network of a configuration on tiles of aihwkit's C++ core (MIT), in the same loop as
// bench/train_tiles.cpp: build it by bench/peers/build_aihwkit.
// usage: aihwkit_train CONFIG DATA_FOLDER SAMPLES [KEY=VALUE ...]     SAMPLES: of an epoch, 0: all
//        aihwkit_train transfer CASE [SEED]     the same as tests/analog/transfer_statistics.cpp

#include "bench/online_training.h"
#include "bench/peers/aihwkit_options.h"
#include "bench/transfer_moments.h"

extern "C" void openblas_set_num_threads(int count);

namespace {

using namespace quern;

struct PeerTiles {
  std::vector<std::unique_ptr<RPU::RPUPulsed<float>>> tiles;

  explicit PeerTiles(const bench::OnlineTraining& training) {
    for (std::size_t i = 0; i < training.weights.size(); ++i) {
      const std::size_t inputs = training.network.sizes[i] + 1, outputs = training.network.sizes[i + 1];
      const auto seed = static_cast<unsigned>(1000 * training.settings.seed + i + 1);
      const analog::AnyTileOptions& any = training.network.tiles.tile;
      if (const auto* tile = std::get_if<analog::TileOptions>(&any)) {
        tiles.push_back(bench::peer_tile(inputs, outputs, *tile, *bench::peer_device(*tile), seed));
      } else if (const auto* both = std::get_if<analog::TikiTakaOptions>(&any)) {
        tiles.push_back(bench::peer_tile(inputs, outputs, both->fast, *bench::peer_transfer(*both), seed));
      } else {
        throw std::runtime_error("this driver has tile.kind = rpu and tiki-taka");
      }
      tiles.back()->setWeights(training.weights[i].data());
    }
  }
  void forward(std::size_t layer, const std::vector<float>& x, std::vector<float>& y) {
    tiles[layer]->forward(x.data(), y.data());
  }
  void backward(std::size_t layer, const std::vector<float>& d, std::vector<float>& z) {
    tiles[layer]->backward(d.data(), z.data());
  }
  void update(std::size_t layer, const std::vector<float>& x, const std::vector<float>& d, float rate) {
    tiles[layer]->setLearningRate(rate);
    tiles[layer]->update(x.data(), d.data());
  }
};

void transfer(const std::string& name, unsigned seed) {
  const std::size_t inputs = bench::kTransferInputs, outputs = bench::kTransferOutputs;
  const analog::TikiTakaOptions options = bench::transfer_case(name);
  const auto tile = bench::peer_tile(inputs, outputs, options.fast, *bench::peer_transfer(options), seed);
  const std::vector<float> start(inputs * outputs), d(outputs, bench::transfer_delta(options));
  tile->setWeights(start.data());
  tile->setLearningRate(bench::kTransferLearningRate);
  for (int k = 0; k < bench::kTransferUpdates; ++k) {
    const std::vector<float> x(inputs, bench::transfer_input(options, k));
    tile->update(x.data(), d.data());
  }
  std::vector<std::string> names;
  tile->getDeviceParameterNames(names);
  std::vector<std::vector<float>> values(names.size(), start);
  std::vector<float*> pointers;
  for (std::vector<float>& value : values) pointers.push_back(value.data());
  tile->getDeviceParameter(pointers);
  const auto find = [&](const char* wanted) {
    const auto at = std::find(names.begin(), names.end(), wanted);
    return at == names.end() ? start : values[static_cast<std::size_t>(at - names.begin())];
  };
  std::vector<float> buffer = find("buffered_FP_weight_0");
  if (options.auto_scale) {  // where aihwkit counts in pulses
    const float step = buffer_step(make_tiki_taka(inputs, outputs, options, 1));
    for (float& held : buffer) held *= step;
  }
  bench::print_transfer_moments(find("hidden_weights_0"), find("hidden_weights_1"), buffer);
}

}  // namespace

int main(int argc, char** argv) {
  const bool moments = (argc == 3 || argc == 4) && std::string(argv[1]) == "transfer";
  if (argc < 4 && !moments) {
    std::fprintf(stderr,
                 "usage: aihwkit_train CONFIG DATA_FOLDER SAMPLES [KEY=VALUE ...]\n"
                 "       aihwkit_train transfer CASE [SEED]\n");
    return 2;
  }
  openblas_set_num_threads(1);
  try {
    if (moments) {
      transfer(argv[2], argc == 4 ? static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10)) : 1);
      return 0;
    }
    const bench::OnlineTraining training = bench::read_online_training(argc, argv);
    bench::train_online(training, "aihwkit", PeerTiles(training));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
