// Trains the network of a configuration on our tiles, in the same loop as bench/peers/aihwkit_train.cpp.
// usage: train_tiles CONFIG DATA_FOLDER SAMPLES [KEY=VALUE ...]     SAMPLES: of an epoch, 0: all

#include <exception>

#include "bench/online_training.h"

namespace {

using namespace quern;

struct OurTiles {
  std::vector<analog::TiledMatrix> matrices;

  explicit OurTiles(const bench::OnlineTraining& training) {
    for (analog::Layer& layer : make_network(training.network).layers)
      matrices.push_back(std::move(layer.matrix));
  }
  void forward(std::size_t layer, const std::vector<float>& x, std::vector<float>& y) {
    analog::forward(matrices[layer], x, y);
  }
  void backward(std::size_t layer, const std::vector<float>& d, std::vector<float>& z) {
    analog::backward(matrices[layer], d, z);
  }
  void update(std::size_t layer, const std::vector<float>& x, const std::vector<float>& d, float rate) {
    analog::update(matrices[layer], x, d, rate);
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: train_tiles CONFIG DATA_FOLDER SAMPLES [KEY=VALUE ...]\n");
    return 2;
  }
  try {
    const bench::OnlineTraining training = bench::read_online_training(argc, argv);
    bench::train_online(training, "quern", OurTiles(training));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
