#include "quern/evolve/checkpoint.h"

#include <gtest/gtest.h>

#include "quern/base/error.h"

namespace quern::evolve {
namespace {

SavedState example_state() {
  SavedState saved;
  saved.metrics_records = 3;
  saved.search.generation = 3;
  saved.search.frames_used = 123'456;
  saved.search.parents = {{.genome = {.initial_seed = 5, .mutations = {{6, 0.25F}}}, .frames = 77}};
  saved.search.elite =
      Elite{.genome = {.initial_seed = 5, .mutations = {}}, .mean_return = 12.5, .validations = 2};
  return saved;
}

TEST(Checkpoint, StateComesBackAsItWas) {
  const std::vector<std::uint8_t> bytes = encode_state(example_state());
  const SavedState back = decode_state(bytes, "state.bin");
  EXPECT_EQ(encode_state(back), bytes);
  EXPECT_EQ(back.metrics_records, 3);
  EXPECT_EQ(back.search.frames_used, 123'456);
  EXPECT_EQ(back.search.parents.at(0).genome.mutations.at(0).power, 0.25F);
  EXPECT_EQ(back.search.elite->mean_return, 12.5);
}

TEST(Checkpoint, EveryTruncationOfAStateIsAnErrorThatNamesTheFile) {
  const std::vector<std::uint8_t> bytes = encode_state(example_state());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    try {
      decode_state({bytes.data(), length}, "runs/x/state.bin");
      FAIL() << "accepted " << length << " of " << bytes.size() << " bytes";
    } catch (const base::Error& error) {
      EXPECT_NE(std::string(error.what()).find("runs/x/state.bin"), std::string::npos);
    }
  }
}

TEST(Checkpoint, PolicyComesBackAsItWas) {
  SavedPolicy saved{.game = "gleaner",
                    .preset = "uber",
                    .network = policy::make_network("tiny", 3),
                    .genome = {.initial_seed = 0xABCDEF, .mutations = {{1, 0.002F}, {2, 0.004F}}},
                    .parameters = {}};
  saved.parameters.resize(saved.network.num_parameters);
  build_parameters(saved.network, saved.genome, saved.parameters);
  const std::vector<std::uint8_t> bytes = encode_policy(saved);
  const SavedPolicy back = decode_policy(bytes, "model.safetensors");
  EXPECT_EQ(back.parameters, saved.parameters);
  EXPECT_EQ(back.genome, saved.genome);
  EXPECT_EQ(back.game, "gleaner");
  EXPECT_EQ(encode_policy(back), bytes);
}

TEST(Checkpoint, APolicyOfAnotherShapeIsAnError) {
  SavedPolicy saved{.game = "gleaner",
                    .preset = "uber",
                    .network = policy::make_network("tiny", 3),
                    .genome = {},
                    .parameters = {}};
  saved.parameters.resize(saved.network.num_parameters);
  saved.network.name = "nature";  // the metadata then promises other tensors
  EXPECT_THROW(decode_policy(encode_policy(saved), "model.safetensors"), base::Error);
}

}  // namespace
}  // namespace quern::evolve
