#include "quern/evolve/play_many.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

#include "quern/base/philox.h"

namespace quern::evolve {
namespace {

constexpr std::chrono::milliseconds kWaitInterval{100};

}  // namespace

std::vector<Episode> play_many(const envs::AgentEnvironment& environment,
                               std::span<const std::uint64_t> seeds, std::int64_t max_decisions,
                               int num_threads, const MakeDecide& make_decide,
                               const std::atomic<bool>& abandon, const std::function<void()>& on_wait) {
  std::vector<Episode> episodes(seeds.size());
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
  std::mutex failure_mutex;
  struct Abandoned {};
  const auto work = [&] {
    const auto state = std::make_unique<envs::AgentState>();
    try {
      for (std::size_t i = next++; i < seeds.size(); i = next++) {
        const Decide decide = make_decide(i);
        episodes[i] =
            play_episode(environment, *state, seeds[i], max_decisions, [&](const envs::AgentState& s) {
              if (abandon.load(std::memory_order_relaxed)) throw Abandoned{};
              return decide(s);
            });
      }
    } catch (const Abandoned&) {
    } catch (...) {
      const std::scoped_lock lock(failure_mutex);
      failure = std::current_exception();
    }
  };
  if (on_wait) {
    std::vector<std::future<void>> workers;
    workers.reserve(static_cast<std::size_t>(std::max(num_threads, 0)));
    for (int i = 0; i < num_threads; ++i) workers.push_back(std::async(std::launch::async, work));
    for (const std::future<void>& worker : workers)
      while (worker.wait_for(kWaitInterval) != std::future_status::ready) on_wait();
  } else {
    std::vector<std::jthread> threads;
    for (int i = 1; i < num_threads; ++i) threads.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  if (abandon) episodes.clear();
  return episodes;
}

Decide decide_at_random(int num_actions, std::uint64_t seed) {
  const auto rng = std::make_shared<base::CounterRng>(seed);  // shared: std::function copies its target
  return [rng, num_actions](const envs::AgentState&) {
    return static_cast<int>(rng->below(static_cast<std::uint32_t>(num_actions)));
  };
}

Decide decide_always(int action_index) {
  return [action_index](const envs::AgentState&) { return action_index; };
}

Decide decide_by_parameters(const policy::Network& network, std::span<const float> parameters,
                            const policy::Scales& scales) {
  const auto policy =
      std::make_shared<policy::IntegerPolicy>(network);  // shared: std::function copies its target
  policy->build(parameters, scales);
  return [policy](const envs::AgentState& state) { return policy->decide(policy::Stack(state.stack)); };
}

ReturnSummary summarise(std::span<const Episode> episodes) {
  ReturnSummary summary;
  if (episodes.empty()) return summary;
  std::vector<double> returns;
  for (const Episode& episode : episodes) returns.push_back(episode.episode_return);
  std::sort(returns.begin(), returns.end());
  const auto count = static_cast<double>(returns.size());
  for (const double value : returns) summary.mean += value / count;
  double squares = 0;
  for (const double value : returns) squares += (value - summary.mean) * (value - summary.mean);
  summary.deviation = returns.size() > 1 ? std::sqrt(squares / (count - 1)) : 0;
  summary.standard_error = summary.deviation / std::sqrt(count);
  summary.min = returns.front();
  summary.max = returns.back();
  const std::size_t middle = returns.size() / 2;
  summary.median = returns.size() % 2 == 1 ? returns[middle] : (returns[middle - 1] + returns[middle]) / 2;
  return summary;
}

}  // namespace quern::evolve
