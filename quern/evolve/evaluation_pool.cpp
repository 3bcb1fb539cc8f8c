#include "quern/evolve/evaluation_pool.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "quern/base/assert.h"

namespace quern::evolve {
namespace {

/// Ends an episode that nobody waits for any more.
struct Abandoned {};

constexpr std::size_t kRangesPerThread = 4;  // a thread that comes late leaves its share to the others

}  // namespace

/// What a thread keeps between tasks: large, so it lives on the heap.
struct EvaluationPool::Worker {
  explicit Worker(const Problem& problem) : bench(problem.network, problem.kernel) {}

  Workbench bench;
  std::optional<std::uint64_t> built;  // genome_id that the bench's policy plays as
  envs::AgentState state;
  WorkAccount account;  // of the task in hand
};

EvaluationPool::EvaluationPool(const Problem& problem, int num_threads, const base::Clock& clock)
    : problem_(problem), clock_(clock), parameters_(problem.network, problem.calibration_stacks) {
  try {
    for (int i = 0; i < num_threads; ++i) threads_.emplace_back([this] { work(); });
  } catch (...) {  // the machine has no room for another thread
    quit();
    throw;
  }
}

EvaluationPool::~EvaluationPool() {
  quit();
}

void EvaluationPool::quit() {
  {
    const std::scoped_lock lock(mutex_);
    quit_ = true;  // under the lock, so that no thread misses it on its way to sleep
  }
  work_.notify_all();
}

Episode EvaluationPool::evaluate(Worker& worker, const Task& task) {
  const double start = clock_.seconds();
  const std::uint64_t id = genome_id(task.genome);
  if (worker.built != id) {
    parameters_.build(task.genome, worker.bench);
    worker.built = id;
  }
  const double built = clock_.seconds();
  double in_policy = 0;
  envs::PictureTime pictures{clock_};
  Behaviour behaviour;
  const auto record = [&](const envs::AgentState& state) {
    const auto ram = atari::Console::ram(state.ale.console);
    behaviour.insert(behaviour.end(), ram.begin(), ram.end());
  };
  const bool recorded = task.keep_behaviour || task.archive != nullptr;
  Episode episode = play_episode(
      problem_.environment, worker.state, episode_seed(task.genome, task.episode_number), task.max_decisions,
      [&](const envs::AgentState& state) {
        if (quit_.load(std::memory_order_relaxed)) throw Abandoned{};
        const double before = clock_.seconds();
        const int action = worker.bench.policy.decide(policy::Stack(state.stack));
        in_policy += clock_.seconds() - before;
        return action;
      },
      recorded ? record : std::function<void(const envs::AgentState&)>{}, &pictures);
  worker.account = {.console_s = clock_.seconds() - built - in_policy - pictures.seconds,
                    .observation_s = pictures.seconds,
                    .policy_s = in_policy,
                    .build_s = built - start,
                    .frames_stepped = episode.frames};
  if (task.archive != nullptr) {
    const double before = clock_.seconds();
    episode.novelty = novelty(behaviour, *task.archive, task.neighbours);
    worker.account.novelty_s = clock_.seconds() - before;
  }
  if (task.keep_behaviour) episode.behaviour = std::make_shared<const Behaviour>(std::move(behaviour));
  return episode;
}

std::optional<std::pair<Task, bool>> EvaluationPool::next_task() {
  while (!queue_.empty()) {
    Task task = std::move(queue_.front());
    queue_.pop_front();
    if (!results_.contains(key_of(task)) && !running_.contains(key_of(task)))
      return std::pair(std::move(task), false);
  }
  if (!ahead_) return std::nullopt;
  std::optional<Task> task = ahead_(results_, running_);
  if (!task) return std::nullopt;
  return std::pair(std::move(*task), true);
}

void EvaluationPool::work() {
  try {
    const auto worker = std::make_unique<Worker>(problem_);
    work_with(*worker);
  } catch (const Abandoned&) {
  } catch (...) {  // no memory
    const std::scoped_lock lock(mutex_);
    failure_ = std::current_exception();
    done_.notify_all();
  }
}

void EvaluationPool::work_with(Worker& worker) {
  std::unique_lock lock(mutex_);
  while (!quit_) {
    if (!failure_ && ranges_.next < ranges_.count) {
      work_on_range(lock);
      continue;
    }
    const auto next = failure_ ? std::nullopt : next_task();
    if (!next) {  // until the next result or the next begin()
      const double start = clock_.seconds();
      idle_since_.insert(start);
      work_.wait(lock);
      idle_since_.erase(idle_since_.find(start));
      account_.idle_s += clock_.seconds() - start;
      continue;
    }
    const auto& [task, is_ahead] = *next;
    const TaskKey key = key_of(task);
    running_.insert(key);
    lock.unlock();
    Episode episode;
    std::exception_ptr failure;
    try {
      episode = evaluate(worker, task);
    } catch (const Abandoned&) {
      throw;
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    running_.erase(key);
    if (failure) {
      failure_ = failure;
    } else {
      const double seconds = useful_seconds(worker.account);
      results_[key] = episode;
      pending_.erase(key);
      origins_[key] = {.generation = task.generation, .seconds = seconds};
      account_.console_s += worker.account.console_s;
      account_.observation_s += worker.account.observation_s;
      account_.policy_s += worker.account.policy_s;
      account_.build_s += worker.account.build_s;
      account_.novelty_s += worker.account.novelty_s;
      account_.ahead_s += is_ahead ? seconds : 0;
      account_.frames_stepped += episode.frames;
    }
    done_.notify_all();
    work_.notify_all();  // a result can make known what is worth doing ahead of need
  }
}

void EvaluationPool::work_on_range(std::unique_lock<std::mutex>& lock) {
  const RangeBody& body = *ranges_.body;
  const std::size_t begin = ranges_.next, end = std::min(begin + ranges_.step, ranges_.count);
  ranges_.next = end;
  ++ranges_.running;
  lock.unlock();
  const double start = clock_.seconds();
  std::exception_ptr failure;
  try {
    body(begin, end);
  } catch (...) {
    failure = std::current_exception();
  }
  const double seconds = clock_.seconds() - start;
  lock.lock();
  --ranges_.running;
  account_.update_s += seconds;
  if (failure) failure_ = failure;
  done_.notify_all();
}

void EvaluationPool::for_ranges(std::size_t count, const RangeBody& body) {
  std::unique_lock lock(mutex_);
  const std::size_t parts = threads_.size() * kRangesPerThread;
  ranges_ = {.body = &body, .count = count, .step = std::max<std::size_t>(1, (count + parts - 1) / parts)};
  work_.notify_all();
  done_.wait(lock, [&] { return (failure_ || ranges_.next == ranges_.count) && ranges_.running == 0; });
  ranges_ = {};
  if (failure_) std::rethrow_exception(failure_);
}

void EvaluationPool::begin(std::span<const Task> tasks, Ahead ahead) {
  const std::scoped_lock lock(mutex_);
  QUERN_ASSERT(keys_.empty() && queue_.empty() && !ahead_);
  std::vector<TaskKey> keys;
  TaskKeys pending;
  for (const Task& task : tasks) {
    keys.push_back(key_of(task));
    if (!results_.contains(keys.back())) pending.insert(keys.back());
  }
  std::deque<Task> queue(tasks.begin(), tasks.end());
  std::stable_sort(queue.begin(), queue.end(),
                   [](const Task& a, const Task& b) { return a.expected_frames > b.expected_frames; });
  keys_.swap(keys);
  pending_.swap(pending);
  queue_.swap(queue);
  ahead_.swap(ahead);
  work_.notify_all();
}

void EvaluationPool::clear() noexcept {
  keys_.clear();
  pending_.clear();
  queue_.clear();
  ahead_ = nullptr;
}

void EvaluationPool::drop() noexcept {
  const std::scoped_lock lock(mutex_);
  clear();
}

std::optional<std::vector<Episode>> EvaluationPool::finish(const OnWait& on_wait,
                                                           const std::atomic<bool>& abandon) {
  std::unique_lock lock(mutex_);
  struct AtEnd {  // under the lock, so that no thread calls `ahead` or takes up a task in between
    EvaluationPool& pool;
    std::unique_lock<std::mutex>& lock;
    ~AtEnd() {
      if (!lock.owns_lock()) lock.lock();
      pool.clear();
    }
  } const at_end{*this, lock};
  while (!pending_.empty() && !failure_ && !abandon) {
    const std::size_t total = keys_.size(), done = total - pending_.size();
    lock.unlock();
    on_wait(done, total);
    lock.lock();
    done_.wait_for(lock, std::chrono::milliseconds(100), [&] { return pending_.empty() || failure_; });
  }
  if (failure_) std::rethrow_exception(failure_);
  if (!pending_.empty()) return std::nullopt;

  std::vector<Episode> episodes;
  episodes.reserve(keys_.size());
  for (const TaskKey& key : keys_) episodes.push_back(results_.at(key));
  for (const TaskKey& key : keys_) {
    results_.erase(key);
    origins_.erase(key);
  }
  return episodes;
}

std::optional<std::vector<Episode>> EvaluationPool::run(std::span<const Task> tasks, Ahead ahead,
                                                        const OnWait& on_wait,
                                                        const std::atomic<bool>& abandon) {
  begin(tasks, std::move(ahead));
  return finish(on_wait, abandon);
}

void EvaluationPool::forget_until(std::int64_t generation) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(origins_, [&](const auto& entry) {
    if (entry.second.generation > generation) return false;
    account_.discarded_s += entry.second.seconds;
    account_.frames_discarded += results_.at(entry.first).frames;
    results_.erase(entry.first);
    return true;
  });
}

WorkAccount EvaluationPool::account() {
  const std::scoped_lock lock(mutex_);
  WorkAccount account = account_;
  const double now = clock_.seconds();
  for (const double since : idle_since_) account.idle_s += now - since;
  return account;
}

}  // namespace quern::evolve
