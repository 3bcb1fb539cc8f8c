// The search as a whole, on the embedded free game.
#include "quern/evolve/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>

#include "free_game_fixture.h"
#include "quern/evolve/checkpoint.h"
#include "quern/evolve/play_many.h"

namespace quern::evolve {
namespace {

class Trainer : public FreeGame {
 protected:
  TrainSettings settings_{.search = {.seed = 11,
                                     .population = 8,
                                     .selection_threshold = 3,
                                     .mutation_power = 0.02F,
                                     .validation_threshold = 3,
                                     .validation_episodes = 2},
                          .max_decisions = 60,
                          .budget_frames = 12'000};

  /// The state after training from `state` with these threads.
  std::vector<std::uint8_t> train_with(int threads, SearchState state = {}, std::int64_t budget = 12'000) {
    settings_.budget_frames = budget;
    EvaluationPool pool(problem(), threads, base::system_clock());
    train(settings_, pool, state, {}, never_, never_);
    return encode_state({.metrics_records = 0, .search = state});
  }
  /// Trains by each genetic method with one and with several threads, which must change nothing.
  /// waits(progress, pool, threads) is called until it returns that it has waited; then check(pool).
  template <typename Waits, typename Check>
  void train_while_it_waits(const Waits& waits, const Check& check) {
    for (const Method method : {Method::Ga, Method::Samr, Method::Gesmr}) {
      settings_.search.method = method;
      const std::vector<std::uint8_t> expected = train_with(1);
      for (const int threads : {1, 3}) {
        EvaluationPool pool(problem(), threads, base::system_clock());
        SearchState state;
        bool done = false;
        const auto wait = [&](const Progress& progress) { done = done || waits(progress, pool, threads); };
        train(settings_, pool, state, {.on_generation = {}, .on_progress = wait}, never_, never_);
        EXPECT_TRUE(done) << method_name(method) << " " << threads;
        check(pool);
        EXPECT_EQ(encode_state({.metrics_records = 0, .search = state}), expected) << method_name(method);
      }
    }
  }
  const std::atomic<bool> never_ = false;
};

TEST_F(Trainer, GivesTheSameSearchWithAnyNumberOfThreads) {
  const std::vector<std::uint8_t> one = train_with(1);
  EXPECT_EQ(train_with(2), one);
  EXPECT_EQ(train_with(4), one);
}

struct Searched {
  std::vector<std::uint8_t> state;
  std::vector<Behaviour> behaviours;  // of its parents: RAM after every decision
  bool returns_differ = false;
};

// Two generations of every network, and of one with mutations of low rank, whose individuals differ in what
// they do and in their returns. A kernel that the machine lacks is named, not passed over in silence.
TEST_F(Trainer, GivesTheSameSearchWithEveryKernel) {
  settings_.search.seed = 1;
  settings_.search.mutation_power = 0.005F;  // children play by their parents' scales
  settings_.search.population = 4;
  settings_.search.selection_threshold = 2;
  settings_.search.validation_threshold = 0;
  settings_.budget_frames = 1'900;
  std::vector<std::uint8_t> stacks = FreeGame::problem().calibration_stacks;
  stacks.resize(2 * std::size_t{envs::kStackBytes});  // the reference is slow
  const auto search_with = [&](const policy::Network& network, const std::string& kernel) {
    const Problem problem{environment(), network, stacks, kernel};
    EvaluationPool pool(problem, 2, base::system_clock());
    Searched searched;
    SearchState state;
    train(settings_, pool, state,
          {.on_generation =
               [&](const GenerationReport& report) {
                 searched.returns_differ |= report.return_standard_error > 0;
               },
           .on_progress = {}},
          never_, never_);
    EXPECT_EQ(state.generation, 2);
    searched.state = encode_state({.metrics_records = 0, .search = state});
    std::vector<Task> parents;
    for (const Parent& parent : state.parents)
      parents.push_back(
          {.genome = parent.genome, .max_decisions = settings_.max_decisions, .keep_behaviour = true});
    const auto played = pool.run(
        parents, {}, [](std::size_t, std::size_t) {}, never_);
    for (const Episode& episode : *played) searched.behaviours.push_back(*episode.behaviour);
    return searched;
  };
  std::vector<std::pair<std::string, int>> cases{{"nature", 2}};  // network, rank of the mutations
  for (const std::string& name : policy::network_names()) cases.emplace_back(name, 0);
  for (const auto& [name, rank] : cases) {
    settings_.search.mutation_rank = rank;
    const policy::Network network =
        policy::make_network(name, static_cast<int>(environment().actions().size()));
    const Searched expected = search_with(network, "reference");
    EXPECT_TRUE(expected.returns_differ) << name << " " << rank;
    EXPECT_NE(expected.behaviours.at(0), expected.behaviours.at(1)) << name << " " << rank;
    for (const std::string& kernel : policy::kernel_names()) {
      if (kernel == "reference") continue;
      const Searched searched = search_with(network, kernel);
      EXPECT_EQ(searched.state, expected.state) << name << " " << rank << " " << kernel;
      EXPECT_EQ(searched.behaviours, expected.behaviours) << name << " " << rank << " " << kernel;
    }
  }
  const std::vector<std::string> here = policy::kernel_names();
  for (const char* kernel : {"avx2", "avx512-vnni", "amx"})
    if (std::find(here.begin(), here.end(), kernel) == here.end())
      std::printf("not tested: kernel %s, which this machine lacks\n", kernel);
}

TEST_F(Trainer, ResumedInTheMiddleGivesTheSameSearch) {
  const std::vector<std::uint8_t> half = train_with(2, {}, 5'000);
  const std::vector<std::uint8_t> whole = train_with(2);
  ASSERT_NE(half, whole);
  EXPECT_EQ(train_with(2, decode_state(half, "half").search), whole);
}

TEST_F(Trainer, EveryMethodGivesTheSameSearchWithAnyNumberOfThreadsAndResumed) {
  for (const Method method : {Method::Samr, Method::Gesmr, Method::Es, Method::NsEs, Method::NsrEs}) {
    settings_.search.method = method;
    settings_.search.num_groups = 3;
    settings_.search.meta_population = 2;
    settings_.search.neighbours = 2;
    const std::vector<std::uint8_t> one = train_with(1);
    EXPECT_EQ(train_with(3), one) << method_name(method);
    const std::vector<std::uint8_t> half = train_with(2, {}, 5'000);
    ASSERT_NE(half, one);
    EXPECT_EQ(train_with(2, decode_state(half, "half").search), one) << method_name(method);
    const SearchState state = decode_state(one, "one").search;
    EXPECT_GE(state.generation, 2);
    EXPECT_EQ(state.elite->genome.of_centre, !is_genetic(method));
  }
}

TEST_F(Trainer, SearchesOfLowRankAreTheSameWithAnyNumberOfThreadsAndResumed) {
  for (const Method method : {Method::Ga, Method::Es, Method::NsrEs}) {
    settings_.search.method = method;
    settings_.search.meta_population = 2;
    settings_.search.neighbours = 2;
    settings_.search.mutation_rank = 0;
    const std::vector<std::uint8_t> full = train_with(1);
    settings_.search.mutation_rank = 2;
    const std::vector<std::uint8_t> one = train_with(1);
    EXPECT_NE(one, full) << method_name(method);
    EXPECT_EQ(train_with(3), one) << method_name(method);
    const std::vector<std::uint8_t> half = train_with(2, {}, 5'000);
    ASSERT_NE(half, one);
    EXPECT_EQ(train_with(2, decode_state(half, "half").search), one) << method_name(method);
    for (const Parent& parent : decode_state(one, "one").search.parents)
      for (const Mutation& mutation : parent.genome.mutations) EXPECT_EQ(mutation.rank, 2);
  }
}

/// Whether it comes true: of a right program sooner or later.
bool wait_until(const std::function<bool()>& is_true) {
  for (int tries = 0; tries < 5'000 && !is_true(); ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return is_true();
}

TEST_F(Trainer, CandidatesAreValidatedAheadOfNeedWhichChangesNothing) {
  settings_.search.num_groups = 3;
  const auto waits = [](const Progress& progress, EvaluationPool& pool, int) {
    return !progress.validating && progress.generation <= 1 &&
           wait_until([&] { return pool.account().ahead_s > 0; });
  };
  train_while_it_waits(waits, [](EvaluationPool& pool) {
    EXPECT_LT(pool.account().discarded_s, pool.account().ahead_s) << "some of it was needed";
  });
}

// In a validation stage that has so many frames left, and one episode a thread from before it, what is
// stepped beyond them belongs to the next generation.
TEST_F(Trainer, TheNextGenerationIsBegunAheadOfNeedWhichChangesNothing) {
  settings_.search.population = 12;
  settings_.search.validation_episodes = 6;
  settings_.search.num_groups = 3;
  const auto waits = [&](const Progress& progress, EvaluationPool& pool, int threads) {
    if (!progress.validating) return false;
    const auto left = static_cast<std::int64_t>(progress.total - progress.done) + threads;
    const std::int64_t frames = pool.account().frames_stepped + left * settings_.max_decisions * 4;
    return wait_until([&] { return pool.account().frames_stepped > frames; });
  };
  train_while_it_waits(waits, [](EvaluationPool&) {});
}

// While a generation is reported, which can take as long as a checkpoint, the threads take up tasks of the
// next: they step more frames than those of the episodes that they had in hand.
TEST_F(Trainer, TheNextGenerationPlaysWhileOneIsReported) {
  settings_.search.population = 24;
  for (const Method method : {Method::Ga, Method::Es, Method::NsEs}) {
    settings_.search.method = method;
    settings_.search.meta_population = 2;
    const std::vector<std::uint8_t> expected = train_with(1, {}, 20'000);
    for (const int threads : {1, 2}) {
      EvaluationPool pool(problem(), threads, base::system_clock());
      SearchState state;
      bool plays = false;
      const auto report = [&](const GenerationReport& generation) {
        if (generation.generation > 1) return;
        const std::int64_t frames =
            pool.account().frames_stepped + std::int64_t{threads} * settings_.max_decisions * 4;
        plays = wait_until([&] { return pool.account().frames_stepped > frames; });
      };
      train(settings_, pool, state, {.on_generation = report, .on_progress = {}}, never_, never_);
      EXPECT_TRUE(plays) << method_name(method) << " " << threads;
      EXPECT_EQ(encode_state({.metrics_records = 0, .search = state}), expected) << method_name(method);
    }
  }
}

TEST_F(Trainer, EndsWhereItsReportStopsItOrFails) {
  EvaluationPool pool(problem(), 2, base::system_clock());
  SearchState state;
  std::atomic<bool> stop = false;
  const auto stops = [&](const GenerationReport&) { stop = true; };
  EXPECT_EQ(train(settings_, pool, state, {.on_generation = stops, .on_progress = {}}, stop, never_),
            TrainEnd::Stopped);
  EXPECT_EQ(state.generation, 1);
  const auto fails = [](const GenerationReport&) { throw std::runtime_error("no room"); };
  EXPECT_THROW(train(settings_, pool, state, {.on_generation = fails, .on_progress = {}}, never_, never_),
               std::runtime_error);
  EXPECT_EQ(state.generation, 2);
  std::atomic<bool> abandon = false;
  const auto abandons = [&](const GenerationReport&) { abandon = true; };
  EXPECT_EQ(train(settings_, pool, state, {.on_generation = abandons, .on_progress = {}}, never_, abandon),
            TrainEnd::Stopped);
  EXPECT_EQ(state.generation, 3);
  train(settings_, pool, state, {}, never_, never_);
  EXPECT_EQ(encode_state({.metrics_records = 0, .search = state}), train_with(1));
}

TEST_F(Trainer, OnlyStrategiesUpdateACentreAndOnlyNoveltySearchMeasuresNovelty) {
  for (const Method method : {Method::Ga, Method::Es, Method::NsEs}) {
    settings_.search.method = method;
    EvaluationPool pool(problem(), 2, base::system_clock());
    SearchState state;
    train(settings_, pool, state, {}, never_, never_);
    EXPECT_EQ(pool.account().update_s > 0, !is_genetic(method));
    EXPECT_EQ(pool.account().novelty_s > 0, has_novelty(method));
  }
}

TEST_F(Trainer, ARunThatIsOverStillHasItsChampion) {
  settings_.search.method = Method::Es;
  const SearchState state = decode_state(train_with(1), "es").search;
  SearchState again = state;
  EvaluationPool pool(problem(), 1, base::system_clock());
  train(settings_, pool, again, {}, never_, never_);
  EXPECT_EQ(again.generation, state.generation);
  Workbench bench(problem().network);
  EXPECT_EQ(*pool.parameters().get(again.elite->genome, bench)->parameters, *state.elite->parameters);
}

TEST_F(Trainer, CountsTheFramesOfPopulationAndValidation) {
  EvaluationPool pool(problem(), 2, base::system_clock());
  SearchState state;
  std::int64_t reported = 0;
  train(settings_, pool, state,
        {.on_generation =
             [&](const GenerationReport& report) {
               reported += report.population_frames + report.validation_frames;
               EXPECT_EQ(report.population_frames, 8 * 60 * 4)
                   << "every episode runs into its cap of 60 decisions";
               EXPECT_EQ(report.validation_frames, 3 * 2 * 60 * 4);
             },
         .on_progress = {}},
        never_, never_);
  EXPECT_EQ(state.frames_used, reported);
  EXPECT_GE(state.frames_used, settings_.budget_frames);
  const WorkAccount account = pool.account();
  EXPECT_GE(account.frames_stepped - account.frames_discarded, reported);
}

/// Stands still until it is moved.
class HandClock final : public base::Clock {
 public:
  [[nodiscard]] double seconds() const override { return seconds_; }
  [[nodiscard]] std::chrono::system_clock::time_point now() const override { return {}; }
  void advance() { seconds_ = seconds_ + 1; }

 private:
  std::atomic<double> seconds_ = 0;
};

// Of two returns the mean lies in the middle, and its standard error is the distance from there.
TEST_F(Trainer, ReportsTheReturnsOfThePopulation) {
  settings_.search.population = 2;
  settings_.search.selection_threshold = 1;
  settings_.search.validation_threshold = 1;
  settings_.max_decisions = 300;
  EvaluationPool pool(problem(), 1, base::system_clock());
  SearchState state;
  bool differed = false;
  train(settings_, pool, state,
        {.on_generation =
             [&](const GenerationReport& report) {
               EXPECT_NEAR(report.return_standard_error, report.return_best - report.return_mean, 1e-9);
               EXPECT_DOUBLE_EQ(report.return_median, report.return_mean);
               differed = differed || report.return_standard_error > 0;
             },
         .on_progress = {}},
        never_, never_);
  EXPECT_TRUE(differed);
}

TEST_F(Trainer, AccountsForThreadsThatWaitNow) {
  HandClock clock;
  EvaluationPool pool(problem(), 1, clock);
  // The thread waits from some moment on, and nobody wakes it.
  for (int tries = 0; tries < 10'000 && pool.account().idle_s < 3; ++tries) {
    clock.advance();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_GE(pool.account().idle_s, 3);
}

TEST_F(Trainer, AbandonedGenerationLeavesTheStateAlone) {
  EvaluationPool pool(problem(), 2, base::system_clock());
  SearchState state;
  const std::atomic<bool> now = true;
  EXPECT_EQ(train(settings_, pool, state, {}, never_, now), TrainEnd::Stopped);
  EXPECT_EQ(state.generation, 0);
}

TEST_F(Trainer, EpisodesAreTheSameFromOneThreadOrFour) {
  const std::vector<std::uint64_t> seeds{1, 2, 3, 4, 5, 6};
  const MakeDecide make = [&](std::size_t i) { return decide_at_random(3, seeds[i]); };
  const auto one = play_many(environment(), seeds, 100, 1, make, never_);
  const auto four = play_many(environment(), seeds, 100, 4, make, never_);
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    EXPECT_EQ(one[i].episode_return, four[i].episode_return);
    EXPECT_EQ(one[i].frames, four[i].frames);
  }
}

// The preset clips what an agent learns from; a return is the game's score all the same.
TEST_F(Trainer, ReturnsAreNotClipped) {
  const envs::Preset clipping = *envs::find_preset("dqn");
  ASSERT_TRUE(clipping.clip_rewards);
  envs::Preset raw = clipping;
  raw.clip_rewards = false;
  double returns[2];
  for (const envs::Preset& preset : {clipping, raw}) {
    const envs::AgentEnvironment environment(console(), game(), preset);
    const Decide decide = [&](const envs::AgentState& state) {
      const auto& actions = environment.actions();
      const games::Action action = game().scripted(games::Ram(state.ale.console));
      return static_cast<int>(std::find(actions.begin(), actions.end(), action) - actions.begin());
    };
    const auto state = std::make_unique<envs::AgentState>();
    returns[preset.clip_rewards ? 0 : 1] = play_episode(environment, *state, 1, 150, decide).episode_return;
  }
  EXPECT_EQ(returns[0], returns[1]);
  EXPECT_GE(returns[0], 10) << "a catch is worth 10 points";
}

TEST(ReturnSummary, MatchesTheValuesComputedByHand) {
  const std::vector<Episode> episodes{{.episode_return = 1}, {.episode_return = 2}, {.episode_return = 6}};
  const ReturnSummary summary = summarise(episodes);
  EXPECT_DOUBLE_EQ(summary.mean, 3);
  EXPECT_DOUBLE_EQ(summary.deviation, std::sqrt(7.0));
  EXPECT_DOUBLE_EQ(summary.median, 2);
}

}  // namespace
}  // namespace quern::evolve
