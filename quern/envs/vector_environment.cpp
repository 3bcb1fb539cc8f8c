#include "quern/envs/vector_environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace quern::envs {
namespace {

constexpr int kMaxEnvs = 1 << 20;
constexpr int kMaxThreads = 4096;

std::size_t checked_batch_size(std::size_t num_envs, int batch_size) {
  if (num_envs < 1 || num_envs > kMaxEnvs)
    throw std::invalid_argument(
        fmt::format("[VectorEnvironment] there must be 1..{} environments, got {}", kMaxEnvs, num_envs));
  if (batch_size < 0 || static_cast<std::size_t>(batch_size) > num_envs) {
    throw std::invalid_argument(fmt::format(
        "[VectorEnvironment] batch_size must be 0..{} (the environments), got {}", num_envs, batch_size));
  }
  return batch_size == 0 ? num_envs : static_cast<std::size_t>(batch_size);
}

std::size_t checked_threads(int num_threads, std::size_t num_envs, std::size_t batch_size) {
  if (num_threads < 0 || num_threads > kMaxThreads)
    throw std::invalid_argument(
        fmt::format("[VectorEnvironment] num_threads must be 0..{}, got {}", kMaxThreads, num_threads));
  if (num_threads > 0) return std::min(num_envs, static_cast<std::size_t>(num_threads));
  return std::min<std::size_t>(batch_size, std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace

VectorEnvironment::VectorEnvironment(std::span<const VectorGame> games, const VectorSettings& settings,
                                     const VectorOptions& options, std::span<const std::uint32_t> seeds)
    : batch_size_(checked_batch_size(games.size(), options.batch_size)),
      autoreset_(options.autoreset),
      process_(getpid()) {
  if (seeds.size() != 2 * games.size())
    throw std::invalid_argument("[VectorEnvironment] there must be two seeds an environment");
  num_threads_ = checked_threads(options.num_threads, games.size(), batch_size_);
  if (options.autoreset == Autoreset::Disabled && batch_size_ != games.size()) {
    throw std::invalid_argument(
        "[VectorEnvironment] without autoreset batches must hold all environments: single ones are reset "
        "there");
  }
  if (options.reuse_observations && batch_size_ != games.size())
    throw std::invalid_argument("[VectorEnvironment] a reused buffer needs batches of all environments");
  for (std::size_t i = 0; i < games.size(); ++i) {
    auto same = std::find_if(kinds_.begin(), kinds_.end(),
                             [&](const auto& kind) { return kind->game() == games[i]; });
    if (same == kinds_.end()) {
      kinds_.push_back(std::make_unique<const VectorMember>(games[i], settings));
      same = std::prev(kinds_.end());
    }
    members_.push_back(same->get());
    states_.push_back(members_.back()->make(seeds[2 * i], seeds[2 * i + 1]));
  }
  observation_bytes_ = kinds_.front()->observation_bytes();
  pool_.emplace(batch_size_ * observation_bytes_, options.reuse_observations);
  if (ordered()) {
    round_.resize(games.size());
    crew_ = std::make_unique<WorkCrew>(num_threads_, games.size(),
                                       [this](std::size_t env) { work_in_order(env); });
    return;
  }
  for (std::size_t i = 0; i < num_threads_; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

VectorEnvironment::~VectorEnvironment() {
  for (std::jthread& thread : threads_) thread.request_stop();
  crew_.reset();  // each thread ends the environment that it works on
  threads_.clear();
}

std::unique_ptr<VectorEnvironment::Pending> VectorEnvironment::make_pending() {
  auto pending = std::make_unique<Pending>();
  Batch& batch = pending->batch;
  batch.env_ids.resize(batch_size_);
  batch.observations = pool_->take();
  batch.rewards.resize(batch_size_);
  batch.terminations.resize(batch_size_);
  batch.truncations.resize(batch_size_);
  batch.lives.resize(batch_size_);
  batch.frame_numbers.resize(batch_size_);
  batch.episode_frame_numbers.resize(batch_size_);
  return pending;
}

bool VectorEnvironment::of_this_process() const noexcept {
  return process_ == getpid();
}

void VectorEnvironment::require_own_process() const {
  if (!of_this_process())
    throw std::logic_error(
        "these environments belong to the process that made them: make new ones after a fork");
}

/// Batches for so many rows. On the caller's thread, which can be told when memory is short.
void VectorEnvironment::make_room(std::size_t rows) {
  while (pending_.size() * batch_size_ < rows) pending_.push_back(make_pending());
}

void VectorEnvironment::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (work_waits_.wait(lock, stop, [&] { return !tasks_.empty(); }) && !stop.stop_requested()) {
    const Task task = tasks_.front();
    tasks_.pop_front();
    ++running_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      advance(task);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    Pending& pending = **std::find_if(pending_.begin(), pending_.end(),
                                      [&](const auto& p) { return p->rows_taken < batch_size_; });
    const std::size_t row = ordered() ? task.env : pending.rows_taken;
    ++pending.rows_taken;
    lock.unlock();
    try {
      report(task, pending.batch, row);  // nobody else writes to the row
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    ++pending.rows_done;
    --running_;
    if (failure && !failure_) failure_ = failure;
    if (pending.rows_done == batch_size_ || (tasks_.empty() && running_ == 0)) result_waits_.notify_one();
  }
}

void VectorEnvironment::work_in_order(std::size_t env) noexcept {
  const Task& task = round_[env];
  Batch& batch = pending_.front()->batch;
  try {
    if (task.only_report) {
      batch.env_ids[env] = static_cast<std::int32_t>(env);
      report_state(env, batch, env);
      return;
    }
    try {
      advance(task);
    } catch (...) {
      keep_failure();
    }
    report(task, batch, env);
  } catch (...) {
    keep_failure();
  }
}

void VectorEnvironment::keep_failure() noexcept {
  const std::scoped_lock lock(mutex_);
  if (!failure_) failure_ = std::current_exception();
}

/// Batches for these tasks must be there.
void VectorEnvironment::begin(std::vector<Task> tasks) {
  if (ordered()) {
    for (const Task& task : tasks) round_[task.env] = task;
    in_flight_ += tasks.size();
    crew_->start();
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    tasks_.insert(tasks_.end(), tasks.begin(), tasks.end());
  }
  in_flight_ += tasks.size();
  work_waits_.notify_all();
}

void VectorEnvironment::advance(const Task& task) {
  const VectorMember& member = *members_[task.env];
  MemberState& state = *states_[task.env];
  if (!task.action || (autoreset_ == Autoreset::NextStep && member.over(state))) {
    member.reset(state, task.seed);
  } else {
    member.step(state, *task.action, task.strength);
  }
}

void VectorEnvironment::report(const Task& task, Batch& batch, std::size_t row) {
  const VectorMember& member = *members_[task.env];
  MemberState& state = *states_[task.env];
  batch.env_ids[row] = static_cast<std::int32_t>(task.env);
  batch.rewards[row] = state.reward;
  batch.terminations[row] = member.terminated(state);
  batch.truncations[row] = member.truncated(state);
  if (autoreset_ == Autoreset::SameStep && task.action && member.over(state)) {
    report_final(task.env, batch, row);
    member.reset(state, std::nullopt);
  }
  report_state(task.env, batch, row);
}

void VectorEnvironment::report_state(std::size_t env, Batch& batch, std::size_t row) const {
  const MemberState& state = *states_[env];
  members_[env]->write_observation(state,
                                   {batch.observations.get() + row * observation_bytes_, observation_bytes_});
  batch.lives[row] = state.lives;
  batch.frame_numbers[row] = state.ale.env.frame_number;
  batch.episode_frame_numbers[row] = state.ale.env.episode_frame_number;
}

void VectorEnvironment::report_final(std::size_t env, Batch& batch, std::size_t row) {
  {
    const std::scoped_lock lock(mutex_);
    if (batch.finals.empty()) {
      batch.final_observations.resize(batch_size_ * observation_bytes_);
      batch.final_lives.resize(batch_size_);
      batch.final_frame_numbers.resize(batch_size_);
      batch.final_episode_frame_numbers.resize(batch_size_);
      batch.finals.resize(batch_size_);
    }
  }
  const MemberState& state = *states_[env];
  members_[env]->write_observation(
      state, std::span(batch.final_observations).subspan(row * observation_bytes_, observation_bytes_));
  batch.finals[row] = 1;
  batch.final_lives[row] = state.lives;
  batch.final_frame_numbers[row] = state.ale.env.frame_number;
  batch.final_episode_frame_numbers[row] = state.ale.env.episode_frame_number;
}

void VectorEnvironment::wait_for_all() {
  if (ordered()) return crew_->finish();
  std::unique_lock lock(mutex_);
  result_waits_.wait(lock, [&] { return tasks_.empty() && running_ == 0; });
}

Batch VectorEnvironment::reset(std::span<const int> ids,
                               std::span<const std::optional<std::uint32_t>> seeds) {
  require_own_process();
  if (ids.size() != seeds.size()) {
    throw std::invalid_argument(
        fmt::format("[VectorEnvironment::reset] {} environments and {} seeds", ids.size(), seeds.size()));
  }
  std::vector<bool> chosen(states_.size());
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto env = static_cast<std::size_t>(ids[i]);
    if (ids[i] < 0 || env >= states_.size() || chosen[env]) {
      throw std::invalid_argument(fmt::format(
          "[VectorEnvironment::reset] environments are 0..{}, each once, got {}", num_envs() - 1, ids[i]));
    }
    chosen[env] = true;
    tasks.push_back({.env = env, .seed = seeds[i]});
  }
  const bool partial = ids.size() != states_.size();
  if (partial && !started_) throw std::logic_error("the first reset must be of all environments");
  if (partial && !ordered()) {
    throw std::invalid_argument(
        "[VectorEnvironment::reset] some environments can be reset only in batches of all: batch_size 0");
  }
  for (std::size_t env = 0; partial && env < states_.size(); ++env)
    if (!chosen[env]) tasks.push_back({.env = env, .only_report = true});
  wait_for_all();  // no thread touches anything after this
  pending_.clear();
  in_flight_ = 0;
  failure_ = nullptr;
  make_room(states_.size());
  begin(std::move(tasks));
  started_ = true;
  answered_ = true;  // whatever came before
  return recv();
}

void VectorEnvironment::send(std::span<const int> actions, std::span<const float> strengths) {
  require_own_process();
  if (!started_) throw std::logic_error("reset the environments first");
  if (answered_) throw std::logic_error("the last batch has had its actions: recv the next one first");
  if (actions.size() != last_ids_.size() || strengths.size() != last_ids_.size()) {
    throw std::invalid_argument(fmt::format("[VectorEnvironment::send] there must be {} actions, got {}",
                                            last_ids_.size(), actions.size()));
  }
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const auto env = static_cast<std::size_t>(last_ids_[i]);
    const auto num_actions = static_cast<int>(members_[env]->actions().size());
    if (actions[i] < 0 || actions[i] >= num_actions) {
      throw std::invalid_argument(
          fmt::format("[VectorEnvironment::send] the action of environment {} must be 0..{}, got {}", env,
                      num_actions - 1, actions[i]));
    }
    if (!(strengths[i] >= 0 && strengths[i] <= 1)) {
      throw std::invalid_argument(
          fmt::format("[VectorEnvironment::send] the paddle strength of environment {} must be 0..1, got {}",
                      env, strengths[i]));
    }
  }
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < actions.size(); ++i)
    tasks.push_back(
        {.env = static_cast<std::size_t>(last_ids_[i]), .action = actions[i], .strength = strengths[i]});
  {
    const std::scoped_lock lock(mutex_);
    make_room(in_flight_ + tasks.size());
  }
  begin(std::move(tasks));
  answered_ = true;
}

Batch VectorEnvironment::recv() {
  require_own_process();
  if (started_ && !answered_ && !ordered())
    throw std::logic_error("the last batch waits for its actions: send them first");
  if (in_flight_ < batch_size_)
    throw std::logic_error("nothing is under way: reset or send comes before recv");
  if (ordered()) crew_->finish();
  std::unique_lock lock(mutex_);
  if (!ordered()) result_waits_.wait(lock, [&] { return pending_.front()->rows_done == batch_size_; });
  Batch batch = std::move(pending_.front()->batch);
  pending_.pop_front();
  in_flight_ -= batch_size_;
  last_ids_ = batch.env_ids;
  answered_ = false;
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  return batch;
}

}  // namespace quern::envs
