#include "quern/evolve/checkpoint.h"

#include <gtest/gtest.h>

#include <limits>

#include "quern/base/error.h"

namespace quern::evolve {
namespace {

// Of network tiny.
const policy::Scales kScales{{0.25F, 1000}, {0.5F, 7}, {0.125F, 1 << 27}, {1.0F, 0}};

SavedState example_state() {
  SavedState saved;
  saved.metrics_records = 3;
  saved.search.generation = 3;
  saved.search.frames_used = 123'456;
  saved.search.parents = {{.genome = {.initial_seed = 5, .mutations = {{6, 0.25F, 5}}}, .frames = 77}};
  saved.search.elite =
      Elite{.genome = {.initial_seed = 5, .mutations = {}}, .mean_return = 12.5, .validations = 2};
  return saved;
}

/// Every field that a method can have.
SavedState example_of_a_method() {
  SavedState saved = example_state();
  saved.search.method = Method::NsrEs;
  saved.search.parents[0].episode_return = 4.5;
  saved.search.elite->genome.of_centre = true;
  saved.search.elite->parameters = std::make_shared<const std::vector<float>>(std::vector<float>{1, 2});
  saved.search.group_powers = {0.5F, 0.25F};
  saved.search.centres = {{.id = 7,
                           .member = 2,
                           .steps = 3,
                           .behaviour = 1,
                           .parameters = std::make_shared<const std::vector<float>>(std::vector<float>{3, 4}),
                           .mean = {5, 6},
                           .square = {7, 8}}};
  for (const int last : {0, 9}) {
    Behaviour behaviour(3 * kBehaviourStep, 200);
    behaviour[5] = 1;
    behaviour.back() = static_cast<std::uint8_t>(last);
    saved.search.archive.push_back(std::make_shared<const Behaviour>(std::move(behaviour)));
  }
  return saved;
}

TEST(Checkpoint, StateOfAMethodComesBackAsItWas) {
  const SavedState saved = example_of_a_method();
  const std::vector<std::uint8_t> bytes = encode_state(saved);
  const SavedState back = decode_state(bytes, "state.bin");
  EXPECT_EQ(encode_state(back), bytes);
  EXPECT_EQ(back.search.method, Method::NsrEs);
  EXPECT_EQ(back.search.parents.at(0).episode_return, 4.5);
  EXPECT_EQ(*back.search.elite->parameters, *saved.search.elite->parameters);
  EXPECT_EQ(back.search.group_powers, saved.search.group_powers);
  EXPECT_EQ(back.search.centres.at(0).square, saved.search.centres[0].square);
  EXPECT_EQ(*back.search.archive.at(1), *saved.search.archive[1]);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_THROW(decode_state({bytes.data(), length}, "state.bin"), base::Error) << length;
}

TEST(Checkpoint, AnotherVersionIsAnErrorThatSaysWhatReadsIt) {
  std::vector<std::uint8_t> bytes = encode_state(example_state());
  const std::size_t at = 4 + std::string("quern evolve state").size();
  ASSERT_EQ(bytes.at(at), 4);
  for (const auto version : std::vector<std::uint8_t>{1, 2, 3, 5}) {
    bytes[at] = version;
    try {
      decode_state(bytes, "state.bin");
      FAIL() << int{version};
    } catch (const base::Error& error) {
      EXPECT_NE(std::string(error.what()).find("state.bin: state version"), std::string::npos);
      EXPECT_NE(error.hint().find("run.json"), std::string::npos);
    }
  }
}

TEST(Checkpoint, StateComesBackAsItWas) {
  const std::vector<std::uint8_t> bytes = encode_state(example_state());
  const SavedState back = decode_state(bytes, "state.bin");
  EXPECT_EQ(encode_state(back), bytes);
  EXPECT_EQ(back.metrics_records, 3);
  EXPECT_EQ(back.search.frames_used, 123'456);
  EXPECT_EQ(back.search.parents.at(0).genome.mutations.at(0), (Mutation{6, 0.25F, 5}));
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
                    .genome = {.initial_seed = 0xABCDEF, .mutations = {{1, 0.002F}, {2, 0.004F, 3}}},
                    .parameters = {},
                    .scales = kScales};
  saved.parameters.resize(saved.network.num_parameters);
  build_parameters(saved.network, saved.genome, saved.parameters);
  const std::vector<std::uint8_t> bytes = encode_policy(saved);
  const SavedPolicy back = decode_policy(bytes, "model.safetensors");
  EXPECT_EQ(back.parameters, saved.parameters);
  EXPECT_EQ(back.genome, saved.genome);
  EXPECT_EQ(back.scales, saved.scales);
  EXPECT_EQ(back.game, "gleaner");
  EXPECT_EQ(encode_policy(back), bytes);
}

TEST(Checkpoint, ThePolicyOfACentreKeepsItsGenome) {
  SavedPolicy saved{.game = "gleaner",
                    .preset = "uber",
                    .network = policy::make_network("tiny", 3),
                    .genome = {.initial_seed = 0xABCDEF, .mutations = {}, .of_centre = true},
                    .parameters = {},
                    .scales = kScales};
  saved.parameters.assign(saved.network.num_parameters, 0.5F);
  const SavedPolicy back = decode_policy(encode_policy(saved), "model.safetensors");
  EXPECT_EQ(back.genome, saved.genome);
  EXPECT_EQ(back.parameters, saved.parameters);
}

TEST(Checkpoint, APolicyOfAnotherShapeIsAnError) {
  SavedPolicy saved{.game = "gleaner",
                    .preset = "uber",
                    .network = policy::make_network("tiny", 3),
                    .genome = {},
                    .parameters = {},
                    .scales = kScales};
  saved.parameters.resize(saved.network.num_parameters);
  saved.network.name = "nature";  // the metadata then promises other tensors
  EXPECT_THROW(decode_policy(encode_policy(saved), "model.safetensors"), base::Error);
}

TEST(Checkpoint, ImpossibleScalesAreAnError) {
  SavedPolicy saved{.game = "gleaner",
                    .preset = "uber",
                    .network = policy::make_network("tiny", 3),
                    .genome = {},
                    .parameters = {},
                    .scales = {}};
  saved.parameters.resize(saved.network.num_parameters);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const policy::LayerScale inside{0.5F, 7}, last{0.5F, 0};
  for (const policy::Scales& scales : std::vector<policy::Scales>{{},
                                                                  {inside, inside, last},
                                                                  {inside, inside, inside, inside},
                                                                  {inside, {0.5F, 0}, inside, last},
                                                                  {inside, {-0.5F, 7}, inside, last},
                                                                  {inside, {nan, 7}, inside, last},
                                                                  {inside, {0.5F, -7}, inside, last}}) {
    saved.scales = scales;
    EXPECT_THROW(decode_policy(encode_policy(saved), "model.safetensors"), base::Error);
  }
}

}  // namespace
}  // namespace quern::evolve
