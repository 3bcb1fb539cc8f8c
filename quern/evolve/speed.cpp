#include "quern/evolve/speed.h"

#include <algorithm>
#include <vector>

#include "quern/evolve/genetic_algorithm.h"

namespace quern::evolve {
namespace {

WorkAccount difference(const WorkAccount& after, const WorkAccount& before) {
  return {.console_s = after.console_s - before.console_s,
          .observation_s = after.observation_s - before.observation_s,
          .policy_s = after.policy_s - before.policy_s,
          .build_s = after.build_s - before.build_s,
          .novelty_s = after.novelty_s - before.novelty_s,
          .update_s = after.update_s - before.update_s,
          .idle_s = after.idle_s - before.idle_s,
          .ahead_s = after.ahead_s - before.ahead_s,
          .discarded_s = after.discarded_s - before.discarded_s,
          .frames_stepped = after.frames_stepped - before.frames_stepped,
          .frames_discarded = after.frames_discarded - before.frames_discarded};
}

}  // namespace

std::optional<Speed> measure_speed(const Problem& problem, int num_threads, double seconds,
                                   std::int64_t max_decisions, const base::Clock& clock,
                                   const std::atomic<bool>& stop, const std::function<void()>& on_wait) {
  EvaluationPool pool(problem, num_threads, clock);
  int next = 0;
  const auto play = [&](int count) {
    std::vector<Task> tasks;
    for (int i = 0; i < count; ++i) {
      Task task;
      task.genome = propose({}, 0, next++, {});
      task.max_decisions = max_decisions;
      tasks.push_back(task);
    }
    return pool.run(
        tasks, {}, [&](std::size_t, std::size_t) { on_wait(); }, stop);
  };
  const double begin = clock.seconds();
  if (!play(num_threads)) return std::nullopt;
  const double start = clock.seconds();
  const double rounds = std::clamp(seconds / std::max(start - begin, 1e-6), 1.0, 1e4);
  const WorkAccount before = pool.account();
  const auto episodes = play(static_cast<int>(rounds) * num_threads);
  if (!episodes) return std::nullopt;
  Speed speed;
  speed.elapsed_s = clock.seconds() - start;
  speed.account = difference(pool.account(), before);
  for (const Episode& episode : *episodes) speed.decisions += episode.decisions;
  return speed;
}

}  // namespace quern::evolve
