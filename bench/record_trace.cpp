// Records the vectors of a training with floats, for replay_trace and the drivers of peers.
//   record_trace CONFIG DATA_FOLDER OUT SAMPLES EPOCH...
// trains the network of CONFIG (tile.kind = ideal) and writes OUT-EPOCH.trace for every EPOCH named, counted
// from 1: the vectors of its first SAMPLES samples.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "bench/vector_trace.h"
#include "quern/analog/network/options.h"

namespace {

using namespace quern;

/// Trains one epoch as analog::train does, and returns the vectors of its first samples.
bench::VectorTrace train_epoch(const analog::TrainSettings& settings, const analog::DataSet& data,
                               analog::Network& network, std::int64_t epoch, std::size_t samples) {
  bench::VectorTrace trace;
  trace.samples = static_cast<std::uint32_t>(samples);
  trace.learning_rate = static_cast<float>(learning_rate_of(settings, epoch));
  for (const analog::Layer& layer : network.layers) {
    trace.layers.push_back(
        {static_cast<std::uint32_t>(layer.matrix.inputs), static_cast<std::uint32_t>(layer.matrix.outputs)});
  }
  std::vector<float> sample(data.train.features);
  std::size_t done = 0;
  for (const std::size_t index : sample_order(settings, data.train.size(), epoch)) {
    copy_sample(data.train, index, sample);
    classify(network, sample, data.train.labels[index]);
    propagate_back(network, data.train.labels[index]);
    for (analog::Layer& layer : network.layers) {
      if (done < samples) {
        trace.values.insert(trace.values.end(), layer.inputs.begin(), layer.inputs.end());
        trace.values.insert(trace.values.end(), layer.deltas.begin(), layer.deltas.end());
      }
      update(layer.matrix, layer.inputs, layer.deltas, trace.learning_rate);
    }
    ++done;
  }
  return trace;
}

int record(int argc, char** argv) {
  if (argc < 6) {
    std::fprintf(stderr, "usage: record_trace CONFIG DATA_FOLDER OUT SAMPLES EPOCH...\n");
    return 2;
  }
  const run::Config config = analog::read_config([&](run::Config& read) { read.load_file(argv[1]); });
  const analog::DataSet data = load_data_set(analog::data_settings(config, argv[2]));
  const analog::TrainSettings settings = analog::train_settings(config);
  analog::Network network = make_network(analog::network_settings(config, data));
  const std::size_t samples = std::min<std::size_t>(std::strtoul(argv[4], nullptr, 10), data.train.size());
  std::vector<std::int64_t> wanted;
  for (int i = 5; i < argc; ++i) wanted.push_back(std::strtol(argv[i], nullptr, 10));
  for (std::int64_t epoch = 0; epoch < *std::max_element(wanted.begin(), wanted.end()); ++epoch) {
    const bool record = std::find(wanted.begin(), wanted.end(), epoch + 1) != wanted.end();
    const bench::VectorTrace trace = train_epoch(settings, data, network, epoch, record ? samples : 0);
    const double accuracy = evaluate(network, data.test).accuracy();
    std::printf("epoch %ld: %.2f %% of the test samples\n", static_cast<long>(epoch + 1), 100 * accuracy);
    if (record) bench::write_trace(std::string(argv[3]) + "-" + std::to_string(epoch + 1) + ".trace", trace);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return record(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
