// Rounds of each method by hand: what ask() wants, and what tell() makes of the answers.
#include "quern/evolve/search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "quern/base/error.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"
#include "quern/evolve/genetic_algorithm.h"

namespace quern::evolve {
namespace {

const policy::Network& tiny() {
  static const policy::Network network = policy::make_network("tiny", 3);
  return network;
}

void one_range(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body) {
  body(0, count);
}

Episode with_return(double episode_return) {
  return {.episode_return = episode_return, .frames = 10, .decisions = 2};
}

/// Two decisions, whose RAM is zero but for the first byte.
SharedBehaviour behaviour_of(std::uint8_t first, std::uint8_t second) {
  Behaviour behaviour(2 * kBehaviourStep);
  behaviour[0] = first;
  behaviour[kBehaviourStep] = second;
  return std::make_shared<const Behaviour>(std::move(behaviour));
}

Episode with_behaviour(std::uint8_t first, std::uint8_t second) {
  Episode episode = with_return(0);
  episode.behaviour = behaviour_of(first, second);
  return episode;
}

Parent parent_of(std::uint64_t seed, float power, double episode_return) {
  return {.genome = {.initial_seed = seed, .mutations = {{.seed = 1, .power = power}}},
          .frames = 10,
          .episode_return = episode_return};
}

TEST(Samr, ChildrenCarryTheirParentsPowerTimesARandomFactor) {
  const SearchSettings settings{.method = Method::Samr, .seed = 3, .population = 40, .mutation_power = 0.5F};
  const std::vector<Parent> parents{parent_of(1, 1.0F, 9), parent_of(2, 16.0F / 5, 8)};
  EXPECT_EQ(propose(settings, 1, 0, parents).initial_seed, 1U) << "the first child is the best parent's";
  double logs = 0;
  for (int i = 0; i < 40; ++i) {
    const Genome child = propose(settings, 1, i, parents);
    ASSERT_EQ(child.mutations.size(), 2U);
    const float factor = child.mutations[1].power / child.mutations[0].power;
    EXPECT_GE(factor, 0.5F);
    EXPECT_LE(factor, 2.0F);
    logs += std::log2(factor) / 40;
  }
  EXPECT_NEAR(logs, 0, 0.3);
  // A parent without a mutation has the power of the settings.
  const Genome first =
      propose(settings, 1, 0, std::vector<Parent>{{.genome = {.initial_seed = 7, .mutations = {}}}});
  EXPECT_GE(first.mutations.at(0).power, 0.25F);
  EXPECT_LE(first.mutations.at(0).power, 1.0F);
}

/// Child `index` of a generation after the first, from the draws of its own generator.
Genome child_by_hand(const SearchSettings& settings, std::uint64_t generation, std::uint64_t index,
                     const std::vector<Genome>& parents) {
  base::CounterRng rng(base::derive_seed(base::derive_seed(settings.seed, generation), index));
  const std::uint32_t drawn = rng.below(static_cast<std::uint32_t>(parents.size()));
  const bool of_the_best = settings.method == Method::Samr && index == 0;
  Genome child = parents[of_the_best ? 0 : drawn];
  Mutation mutation{.seed = rng.next_u64(), .power = settings.mutation_power};
  if (settings.method == Method::Samr) {
    const double before = child.mutations.empty() ? 0.5 : child.mutations.back().power;
    mutation.power = static_cast<float>(before * std::exp2(2 * rng.next_double() - 1));
  }
  child.mutations.push_back(mutation);
  return child;
}

void expect_children_by_hand(const SearchSettings& settings, std::uint64_t generation, const Round& round,
                             const std::vector<Genome>& parents) {
  std::set<const Genome*> seen;
  for (std::size_t i = 0; i < 5; ++i) {
    Genome expected = child_by_hand(settings, generation, i, parents);
    float& power = expected.mutations.back().power;
    EXPECT_NEAR(round.population.at(i).mutations.back().power, power, 1e-6) << i;
    power = round.population[i].mutations.back().power;  // by a library's exp2 the last bit may differ
    EXPECT_EQ(round.population[i], expected) << i;
    expected.mutations.pop_back();
    for (const Genome& parent : parents)
      if (parent == expected) seen.insert(&parent);
  }
  EXPECT_EQ(seen.size(), parents.size()) << "children of all parents";
}

TEST(GaAndSamr, GenerationsMatchTheOnesComputedByHand) {
  for (const Method method : {Method::Ga, Method::Samr}) {
    const SearchSettings settings{.method = method,
                                  .seed = 3,
                                  .population = 5,
                                  .selection_threshold = 2,
                                  .mutation_power = 0.5F,
                                  .validation_threshold = 2,
                                  .validation_episodes = 2};
    SearchState state;
    prepare(settings, tiny(), state);
    Round round = begin_round(settings, state);
    const std::vector<Genome> first = round.population;
    for (std::size_t i = 0; i < 5; ++i) {
      base::CounterRng rng(base::derive_seed(base::derive_seed(3, 0), i));
      EXPECT_EQ(first.at(i), (Genome{.initial_seed = rng.next_u64(), .mutations = {}})) << i;
    }
    // Individuals 2 and 4 are the best, 2 the earlier of equals; validation prefers 4.
    tell(settings, tiny(), state, round,
         std::vector{with_return(3), with_return(1), with_return(5), with_return(0), with_return(5)},
         one_range);
    std::vector<Task> validation = ask(settings, state, round);
    ASSERT_EQ(validation.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(validation[i].genome, first[i < 2 ? 2 : 4]);
      EXPECT_EQ(validation[i].episode_number, 1 + i % 2);
    }
    tell(settings, tiny(), state, round,
         std::vector{with_return(1), with_return(2), with_return(4), with_return(3)}, one_range);
    EXPECT_EQ(state.elite->genome, first[4]);
    EXPECT_EQ(state.elite->mean_return, 3.5);
    EXPECT_EQ(state.frames_used, 90);

    round = begin_round(settings, state);
    expect_children_by_hand(settings, 1, round, {first[2], first[4]});
    // Children 1 and 0 are the best; the elite stays, and takes the last place of the parents.
    const std::vector<Genome> second = round.population;
    tell(settings, tiny(), state, round,
         std::vector{with_return(8), with_return(9), with_return(7), with_return(0), with_return(0)},
         one_range);
    validation = ask(settings, state, round);
    ASSERT_EQ(validation.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(validation[i].genome, i < 2 ? first[4] : second[1]);
      EXPECT_EQ(validation[i].episode_number, (i < 2 ? 3 : 1) + i % 2) << "the elite's are fresh ones";
    }
    tell(settings, tiny(), state, round,
         std::vector{with_return(9), with_return(11), with_return(4), with_return(4)}, one_range);
    EXPECT_EQ(state.elite->genome, first[4]);
    EXPECT_EQ(state.elite->mean_return, 10);
    EXPECT_EQ(state.elite->validations, 2);
    ASSERT_EQ(state.parents.size(), 2U);

    round = begin_round(settings, state);
    expect_children_by_hand(settings, 2, round, {second[1], first[4]});
  }
}

// Six children in three groups of two, whose parents had 10 (place 0) and 4 (place 1). The improvements
// follow from the parents that the draws chose; the best group's power is kept in place 0.
TEST(Gesmr, GroupsAreJudgedByTheirBestImprovement) {
  const SearchSettings settings{.method = Method::Gesmr, .seed = 3, .population = 6, .num_groups = 3};
  const std::vector<Parent> parents{parent_of(1, 1, 10), parent_of(2, 1, 4)};
  const std::vector<float> powers{0.1F, 0.2F, 0.3F};
  // Children one better than their parents, but for number 3, of group 1: three better.
  std::vector<Fitness> fitness;
  for (int i = 0; i < 6; ++i) {
    const Genome child = propose(settings, 1, i, parents, powers);
    EXPECT_EQ(child.mutations.back().power, powers[static_cast<std::size_t>(i / 2)]);
    fitness.push_back({.episode_return = (child.initial_seed == 1 ? 10.0 : 4.0) + (i == 3 ? 3 : 1)});
  }
  // Better half of three: one group. All others come from it.
  const std::vector<float> next = adapt_group_powers(settings, 1, parents, fitness, powers);
  ASSERT_EQ(next.size(), 3U);
  EXPECT_EQ(next[0], 0.2F);
  for (const float power : {next[1], next[2]}) {
    EXPECT_GE(power, 0.1F);
    EXPECT_LE(power, 0.4F);
    EXPECT_NE(power, 0.2F);
  }
}

TEST(Gesmr, ARoundStartsFromOnePowerAndEndsWithDifferentOnes) {
  const SearchSettings settings{.method = Method::Gesmr,
                                .population = 4,
                                .selection_threshold = 2,
                                .mutation_power = 0.5F,
                                .validation_threshold = 0,
                                .num_groups = 2};
  SearchState state;
  prepare(settings, tiny(), state);
  EXPECT_EQ(state.group_powers, (std::vector<float>{0.5F, 0.5F}));
  Round round = begin_round(settings, state);
  const std::vector<Episode> episodes{with_return(1), with_return(4), with_return(3), with_return(2)};
  tell(settings, tiny(), state, round, episodes, one_range);
  EXPECT_EQ(round.stage, Stage::Done);
  ASSERT_EQ(state.parents.size(), 2U);
  EXPECT_EQ(state.parents[0].episode_return, 4);
  EXPECT_EQ(state.parents[1].episode_return, 3);
  EXPECT_EQ(state.group_powers[0], 0.5F);
  EXPECT_NE(state.group_powers[1], 0.5F);
}

constexpr SearchSettings kGa{.seed = 3,
                             .population = 6,
                             .selection_threshold = 3,
                             .mutation_power = 0.5F,
                             .validation_threshold = 2,
                             .validation_episodes = 2};

/// The tasks that ahead() gives one after the other, each of which is then running or known.
std::vector<Task> all_ahead(const SearchSettings& settings, const SearchState& state, Round& round,
                            TaskResults known) {
  std::vector<Task> tasks;
  TaskKeys running;
  while (const std::optional<Task> task = ahead(settings, state, round, known, running)) {
    tasks.push_back(*task);
    if (tasks.size() % 2 == 0) {
      running.insert(key_of(*task));
    } else {
      known[key_of(*task)] = with_return(0);
    }
  }
  return tasks;
}

/// The episodes of these tasks as results.
TaskResults results_of(std::span<const Task> tasks, std::span<const Episode> episodes) {
  TaskResults results;
  for (std::size_t i = 0; i < episodes.size(); ++i) results[key_of(tasks[i])] = episodes[i];
  return results;
}

TEST(Ga, WhileThePopulationPlaysTheBestSoFarAreValidated) {
  SearchState state;
  prepare(kGa, tiny(), state);
  Round round = begin_round(kGa, state);
  const std::vector<Task> population = ask(kGa, state, round);
  EXPECT_FALSE(ahead(kGa, state, round, {}, {})) << "nobody is known to be good";

  // Of the first three, 2 and 0 are the best: two episodes each, numbers 1 and 2.
  const std::vector<Episode> three{with_return(3), with_return(1), with_return(5)};
  std::vector<Task> early = all_ahead(kGa, state, round, results_of(population, three));
  ASSERT_EQ(early.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(early[i].genome, round.population[i < 2 ? 2 : 0]) << i;
    EXPECT_EQ(early[i].episode_number, 1 + i % 2) << i;
    EXPECT_EQ(early[i].generation, 0) << i;
  }
  SearchSettings without = kGa;
  without.validation_threshold = 0;
  EXPECT_TRUE(all_ahead(without, state, round, results_of(population, three)).empty());

  // They are what the next stage asks for when nobody better comes. An elite is a candidate from the start.
  const std::vector<Episode> all{with_return(3), with_return(1), with_return(5),
                                 with_return(0), with_return(0), with_return(0)};
  tell(kGa, tiny(), state, round, all, one_range);
  const std::vector<Task> validation = ask(kGa, state, round);
  ASSERT_EQ(validation.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(key_of(validation[i]), key_of(early[i])) << i;
  tell(kGa, tiny(), state, round,
       std::vector<Episode>{with_return(2), with_return(2), with_return(1), with_return(1)}, one_range);
  round = begin_round(kGa, state);
  early = all_ahead(kGa, state, round, {});
  ASSERT_EQ(early.size(), 2U);
  EXPECT_EQ(early[0].genome, state.elite->genome);
  EXPECT_EQ(early[0].episode_number, 3U) << "validated anew with fresh episodes";
}

TEST(Ga, WhileTheLastValidationsPlayTheNextGenerationIsBegun) {
  SearchSettings settings = kGa;
  settings.population = 12;
  for (const Method method : {Method::Ga, Method::Samr, Method::Gesmr}) {
    settings.method = method;
    settings.num_groups = 3;
    SearchState state;
    prepare(settings, tiny(), state);
    Round round = begin_round(settings, state);
    std::vector<Episode> episodes;
    for (int i = 0; i < 12; ++i) episodes.push_back(with_return(i));
    tell(settings, tiny(), state, round, episodes, one_range);
    ASSERT_EQ(round.stage, Stage::Validation);
    const std::vector<Task> early = all_ahead(settings, state, round, {});

    // The validation is won by 10, which is among the parents: the last place stays as it is.
    tell(settings, tiny(), state, round,
         std::vector<Episode>{with_return(1), with_return(1), with_return(4), with_return(4)}, one_range);
    const Round next = begin_round(settings, state);
    std::vector<TaskKey> expected;
    for (int i = 0; i < 12; ++i) {
      if (parent_place(settings, 1, i, 3) == 2) continue;  // the elite could have taken it
      expected.push_back(next.fitness_keys[static_cast<std::size_t>(i)]);
    }
    EXPECT_GT(expected.size(), 2U);
    ASSERT_EQ(early.size(), expected.size()) << method_name(method);
    for (std::size_t i = 0; i < early.size(); ++i) {
      EXPECT_EQ(key_of(early[i]), expected[i]) << method_name(method) << " " << i;
      EXPECT_EQ(early[i].generation, 1);
    }
  }
}

TEST(Ga, RandomSearchBeginsItsWholeNextGeneration) {
  SearchSettings settings = kGa;
  settings.selection_threshold = 0;
  SearchState state;
  prepare(settings, tiny(), state);
  Round round = begin_round(settings, state);
  tell(settings, tiny(), state, round, std::vector<Episode>(6, with_return(1)), one_range);
  const std::vector<Task> early = all_ahead(settings, state, round, {});
  tell(settings, tiny(), state, round, std::vector<Episode>(4, with_return(1)), one_range);
  const Round next = begin_round(settings, state);
  ASSERT_EQ(early.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(key_of(early[i]), next.fitness_keys[i]);
}

// Two pairs with the returns 7, 1 and 3, 5: centred ranks 1/2, -1/2 and -1/6, 1/6. The descent of a parameter
// p is 0.005 p - (1 e0 - 1/3 e1) / 4, and Adam's first average a tenth of it.
TEST(Es, OneGenerationMatchesTheOneComputedByHand) {
  const SearchSettings settings{
      .method = Method::Es, .seed = 9, .population = 4, .mutation_power = 0.02F, .validation_episodes = 2};
  SearchState state;
  prepare(settings, tiny(), state);
  const Centre centre = state.centres.at(0);
  Round round = begin_round(settings, state);

  const std::vector<Task> population = ask(settings, state, round);
  ASSERT_EQ(population.size(), 4U);
  EXPECT_EQ(population[0].genome.mutations[0].seed, population[1].genome.mutations[0].seed);
  EXPECT_EQ(population[1].genome.mutations[0].power, -0.02F);
  EXPECT_EQ(population[2].episode_number, 0U);
  EXPECT_EQ(population[2].archive, nullptr);
  const std::optional<Task> early = ahead(settings, state, round, {}, {});
  ASSERT_TRUE(early);
  EXPECT_EQ(early->genome, genome_of(centre)) << "the centre's validation is certain";

  tell(settings, tiny(), state, round,
       std::vector<Episode>{with_return(7), with_return(1), with_return(3), with_return(5)}, one_range);
  EXPECT_EQ(state.generation, 0) << "a state changes at the end of its round";
  const std::vector<Task> validation = ask(settings, state, round);
  ASSERT_EQ(validation.size(), 2U);
  EXPECT_EQ(validation[0].genome, genome_of(centre));
  EXPECT_EQ(validation[0].episode_number, 1U);
  EXPECT_EQ(validation[1].episode_number, 2U);
  const std::optional<Task> next = ahead(settings, state, round, {}, {});
  ASSERT_TRUE(next);
  EXPECT_EQ(next->genome, individual_of(settings, 1, 0, *round.updated)) << "the next generation is certain";

  tell(settings, tiny(), state, round, std::vector<Episode>{with_return(6), with_return(9)}, one_range);
  EXPECT_EQ(round.stage, Stage::Done);
  EXPECT_EQ(state.generation, 1);
  EXPECT_EQ(state.frames_used, 60);
  EXPECT_EQ(state.elite->genome, genome_of(centre));
  EXPECT_EQ(state.elite->mean_return, 7.5);
  EXPECT_EQ(*state.elite->parameters, *centre.parameters);

  std::vector<float> e0(tiny().num_parameters), e1(tiny().num_parameters);
  base::add_normals(e0, population[0].genome.mutations[0].seed, 1);
  base::add_normals(e1, population[2].genome.mutations[0].seed, 1);
  const Centre& updated = state.centres.at(0);
  EXPECT_EQ(updated.steps, 1);
  for (std::size_t i = 0; i < tiny().num_parameters; ++i) {
    const double before = (*centre.parameters)[i];
    const double descent = 0.005 * before - (e0[i] - e1[i] / 3.0) / 4;
    ASSERT_NEAR(updated.mean[i], 0.1 * descent, 1e-7);
    ASSERT_NEAR((*updated.parameters)[i], before - 0.01 * (descent > 0 ? 1 : -1),
                std::abs(descent) > 1e-4 ? 1e-4 : 0.011);
  }
}

constexpr SearchSettings kNovelty{.method = Method::NsEs,
                                  .seed = 4,
                                  .population = 4,
                                  .mutation_power = 0.02F,
                                  .validation_episodes = 1,
                                  .meta_population = 2,
                                  .neighbours = 2};

/// The first generation up to its population: the archive has (0, 0) and (3, 4), five apart.
Round sampled(const SearchSettings& settings, SearchState& state) {
  prepare(settings, tiny(), state);
  Round round = begin_round(settings, state);
  EXPECT_EQ(round.stage, Stage::Behaviours);
  const std::vector<Task> tasks = ask(settings, state, round);
  EXPECT_EQ(tasks.size(), 2U);
  for (const Task& task : tasks) EXPECT_TRUE(task.keep_behaviour);
  tell(settings, tiny(), state, round, std::vector<Episode>{with_behaviour(0, 0), with_behaviour(3, 4)},
       one_range);
  return round;
}

TEST(NoveltySearch, OneGenerationMatchesTheOneComputedByHand) {
  SearchState state;
  Round round = sampled(kNovelty, state);
  ASSERT_EQ(round.sampling.archive->size(), 2U);
  const std::size_t member = round.sampling.member;
  const Centre centre = state.centres.at(member);
  const std::vector<Task> population = ask(kNovelty, state, round);
  ASSERT_EQ(population.size(), 4U);
  EXPECT_EQ(population[0].genome, individual_of(kNovelty, 0, 0, centre));
  EXPECT_EQ(population[3].archive, round.sampling.archive);
  EXPECT_EQ(population[3].neighbours, 2);

  // Novelties 2, 8, 6, 4 against returns that would lead the other way: ranks -1/2, 1/2 and 1/6, -1/6.
  std::vector<Episode> episodes{with_return(9), with_return(1), with_return(1), with_return(1)};
  episodes[0].novelty = 2;
  episodes[1].novelty = 8;
  episodes[2].novelty = 6;
  episodes[3].novelty = 4;
  tell(kNovelty, tiny(), state, round, episodes, one_range);
  std::vector<float> e0(tiny().num_parameters), e1(tiny().num_parameters);
  base::add_normals(e0, population[0].genome.mutations[0].seed, 1);
  base::add_normals(e1, population[2].genome.mutations[0].seed, 1);
  for (std::size_t i = 0; i < tiny().num_parameters; ++i) {
    const double descent = 0.005 * (*centre.parameters)[i] - (-e0[i] + e1[i] / 3.0) / 4;
    ASSERT_NEAR(round.updated->mean[i], 0.1 * descent, 1e-7);
  }

  // One validation of the centre, then what the updated centre does, which joins the archive.
  const std::vector<Task> last = ask(kNovelty, state, round);
  ASSERT_EQ(last.size(), 2U);
  EXPECT_EQ(last[0].genome, genome_of(centre));
  EXPECT_EQ(last[1].genome, genome_of(*round.updated));
  EXPECT_TRUE(last[1].keep_behaviour);
  tell(kNovelty, tiny(), state, round, std::vector<Episode>{with_return(5), with_behaviour(1, 1)}, one_range);
  EXPECT_EQ(state.archive.size(), 3U);
  EXPECT_EQ(*state.archive[2], *behaviour_of(1, 1));
  EXPECT_EQ(state.centres[member].behaviour, 2U);
  EXPECT_EQ(state.centres[1 - member].behaviour, 1 - member) << "the other one stays as it was";
  EXPECT_EQ(state.elite->genome, genome_of(centre));
  EXPECT_EQ(state.frames_used, 20 + 40 + 20);

  // The best centre stays the elite, with its parameters, when a later one is worse.
  round = begin_round(kNovelty, state);
  EXPECT_EQ(round.stage, Stage::Population);
  EXPECT_EQ(round.candidates.front(), genome_of(centre));
  tell(kNovelty, tiny(), state, round, episodes, one_range);
  tell(kNovelty, tiny(), state, round,
       std::vector<Episode>{with_return(4), with_return(3), with_behaviour(2, 2)}, one_range);
  EXPECT_EQ(state.elite->genome, genome_of(centre));
  EXPECT_EQ(state.elite->mean_return, 4);
  EXPECT_EQ(state.elite->validations, 2);
  EXPECT_EQ(*state.elite->parameters, *centre.parameters);
}

TEST(NoveltySearch, NsrTakesTheMeanOfBothRanks) {
  SearchSettings settings = kNovelty;
  settings.method = Method::NsrEs;
  SearchState state;
  Round round = sampled(settings, state);
  const Centre centre = state.centres.at(round.sampling.member);
  // Ranks by return 1/2, -1/2, 1/6, -1/6; by novelty -1/2, 1/2, 1/6, -1/6: means 0, 0, 1/6, -1/6.
  std::vector<Episode> episodes{with_return(9), with_return(1), with_return(6), with_return(4)};
  for (std::size_t i = 0; i < 4; ++i) episodes[i].novelty = std::vector<double>{2, 8, 6, 4}[i];
  const std::vector<Task> population = ask(settings, state, round);
  tell(settings, tiny(), state, round, episodes, one_range);
  std::vector<float> e1(tiny().num_parameters);
  base::add_normals(e1, population[2].genome.mutations[0].seed, 1);
  for (std::size_t i = 0; i < tiny().num_parameters; ++i) {
    const double descent = 0.005 * (*centre.parameters)[i] - e1[i] / 12.0;
    ASSERT_NEAR(round.updated->mean[i], 0.1 * descent, 1e-7);
  }
}

// The archive is (0, 0), (3, 4) and (0, 100): with the two nearest, itself included, the centre at (0, 0) has
// the novelty 5/2 and the one at (0, 100) about 48, so it is chosen in about 95 % of the generations.
TEST(NoveltySearch, CentresAreChosenInProportionToTheirNovelty) {
  SearchState state;
  (void)sampled(kNovelty, state);
  state.archive = {behaviour_of(0, 0), behaviour_of(3, 4), behaviour_of(0, 100)};
  state.centres[0].behaviour = 0;
  state.centres[1].behaviour = 2;
  int second = 0;
  for (state.generation = 1; state.generation <= 400; ++state.generation)
    second += begin_round(kNovelty, state).sampling.member == 1 ? 1 : 0;
  EXPECT_NEAR(second / 400.0, 48 / 50.5, 0.04);
}

// While the last validations play, the next generation is certain once it is seen what the updated centre
// does: which centre it samples around, and the archive it is measured against.
TEST(NoveltySearch, TheNextGenerationIsBegunOnceTheUpdatedCentreIsSeen) {
  std::array<int, 2> times{};  // around the updated centre, around the other
  for (const Method method : {Method::NsEs, Method::NsrEs}) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      SearchSettings settings = kNovelty;
      settings.method = method;
      settings.seed = seed;
      SearchState state;
      Round round = sampled(settings, state);
      std::vector<Episode> episodes{with_return(9), with_return(1), with_return(6), with_return(4)};
      for (std::size_t i = 0; i < 4; ++i) episodes[i].novelty = std::vector<double>{2, 8, 6, 4}[i];
      tell(settings, tiny(), state, round, episodes, one_range);
      const std::vector<Task> validation = ask(settings, state, round);
      EXPECT_FALSE(ahead(settings, state, round, results_of(validation, std::vector{with_return(5)}), {}));

      const std::vector<Episode> last{with_return(5), with_behaviour(1, 1)};
      const std::vector<Task> early = all_ahead(settings, state, round, results_of(validation, last));
      const std::size_t updated = round.sampling.member;
      tell(settings, tiny(), state, round, last, one_range);
      const Round next = begin_round(settings, state);
      const std::vector<Task> population = ask(settings, state, next);
      ASSERT_EQ(early.size(), population.size());
      for (std::size_t i = 0; i < early.size(); ++i) {
        EXPECT_EQ(key_of(early[i]), key_of(population[i]));
        EXPECT_EQ(*early[i].archive, *population[i].archive);
        EXPECT_EQ(early[i].neighbours, population[i].neighbours);
        EXPECT_EQ(early[i].generation, 1);
      }
      ++times[next.sampling.member == updated ? 0 : 1];
      ASSERT_TRUE(round.next);
      const std::shared_ptr<const Archive> archive = round.next->archive;
      const Round known = begin_round(settings, state, std::move(round.next));
      EXPECT_EQ(known.sampling.archive, archive) << "nothing is chosen again";
      EXPECT_EQ(known.sampling.member, next.sampling.member);
      EXPECT_EQ(known.population, next.population);
      EXPECT_EQ(known.candidates, next.candidates);
    }
  }
  EXPECT_GT(times[0], 0);
  EXPECT_GT(times[1], 0);
}

/// Minus the squared distance of ten parameters of three layers to an optimum that is 0.3 away in each, in
/// two halves.
class Hill {
 public:
  explicit Hill(std::span<const float> start) {
    const policy::Layer& first = tiny().layers.front();
    const policy::Layer& last = tiny().layers.back();
    for (std::size_t i = 0; i < 4; ++i) places_.push_back(first.weights_at + 70 * i);
    for (std::size_t i = 0; i < 3; ++i) places_.push_back(tiny().layers[2].biases_at + i);
    for (std::size_t i = 0; i < 3; ++i) places_.push_back(last.biases_at + i);
    for (std::size_t i = 0; i < places_.size(); ++i)
      optimum_.push_back(start[places_[i]] + (i < 5 ? 0.3F : -0.3F));
  }

  [[nodiscard]] std::array<double, 2> halves(std::span<const float> parameters) const {
    std::array<double, 2> heights{};
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const double away = parameters[places_[i]] - optimum_[i];
      heights[i % 2] -= away * away;
    }
    return heights;
  }

 private:
  std::vector<std::size_t> places_;
  std::vector<float> optimum_;
};

/// How an individual fares there: what its method must not look at leads down.
Episode on_hill(Method method, const std::array<double, 2>& halves) {
  const double height = halves[0] + halves[1];
  Episode episode = with_behaviour(0, 0);
  episode.episode_return = method == Method::Es ? height : method == Method::NsEs ? -height : halves[0];
  episode.novelty = method == Method::NsEs ? height : method == Method::Es ? -height : halves[1];
  return episode;
}

/// The halves of the hill that the centre has reached after so many generations.
std::array<double, 2> climb(const SearchSettings& settings, int generations) {
  SearchState state;
  prepare(settings, tiny(), state);
  const Hill hill(*state.centres.at(0).parameters);
  while (state.generation < generations) {
    Round round = begin_round(settings, state);
    while (round.stage != Stage::Done) {
      const auto named = named_parameters(state, round);
      std::vector<Episode> episodes;
      for (const Task& task : ask(settings, state, round)) {
        const auto centre = std::find_if(named.begin(), named.end(), [&](const auto& one) {
          return one.first.initial_seed == task.genome.initial_seed;
        });
        std::vector<float> parameters = *centre->second;
        for (const Mutation& mutation : task.genome.mutations) mutate(tiny(), mutation, parameters);
        episodes.push_back(on_hill(settings.method, hill.halves(parameters)));
      }
      tell(settings, tiny(), state, round, episodes, one_range);
    }
  }
  return hill.halves(*state.centres.at(0).parameters);
}

// With the published power, step and decay. Each half begins at -0.45.
TEST(Search, StrategiesClimbAHillWithAKnownTop) {
  SearchSettings settings{
      .population = 40, .mutation_power = 0.02F, .validation_episodes = 1, .meta_population = 1};
  for (const Method method : {Method::Es, Method::NsEs, Method::NsrEs}) {
    for (const int rank : {0, 1}) {
      settings.method = method;
      settings.mutation_rank = rank;
      for (const double height : climb(settings, 50))
        EXPECT_GT(height, -0.02) << method_name(method) << " " << rank;
    }
  }
}

TEST(Search, RefusesAStateOfAnotherMethodOrNetwork) {
  SearchSettings settings{.method = Method::Es, .population = 2, .validation_episodes = 1};
  SearchState state;
  prepare(settings, tiny(), state);
  Round round = begin_round(settings, state);
  tell(settings, tiny(), state, round, std::vector<Episode>{with_return(1), with_return(2)}, one_range);
  tell(settings, tiny(), state, round, std::vector<Episode>{with_return(1)}, one_range);
  EXPECT_NO_THROW(prepare(settings, tiny(), state));
  EXPECT_THROW(prepare(settings, policy::make_network("tiny", 4), state), base::Error);
  settings.method = Method::NsEs;
  EXPECT_THROW(prepare(settings, tiny(), state), base::Error);
}

}  // namespace
}  // namespace quern::evolve
