// The engine of quern.AtariVectorEnv.

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <type_traits>

#include "python/bindings/arrays.h"
#include "python/bindings/loaded_game.h"
#include "python/bindings/modules.h"
#include "quern/envs/vector_environment.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace quern::python {
namespace {

/// Name, ROM (none for the free game), mode and difficulty (-1: default).
using GameChoice = std::tuple<std::string, std::optional<std::filesystem::path>, int, int>;

/// What replaces a preset's values; what is None stays.
struct Overrides {
  std::optional<int> frame_skip, noop_max;
  std::optional<std::int64_t> max_episode_frames;
  std::optional<double> repeat_action_probability;
  std::optional<bool> full_action_set, clip_rewards, end_on_life_loss, fire_at_reset;
};

envs::Preset apply(envs::Preset rules, const Overrides& over) {
  rules.frame_skip = over.frame_skip.value_or(rules.frame_skip);
  rules.max_episode_frames = over.max_episode_frames.value_or(rules.max_episode_frames);
  rules.repeat_action_probability = over.repeat_action_probability.value_or(rules.repeat_action_probability);
  rules.full_action_set = over.full_action_set.value_or(rules.full_action_set);
  rules.clip_rewards = over.clip_rewards.value_or(rules.clip_rewards);
  rules.end_on_life_loss = over.end_on_life_loss.value_or(rules.end_on_life_loss);
  if (over.noop_max) {  // as in ALE, which draws 0 .. noop_max - 1
    rules.noop_min = 0;
    rules.noop_max = std::max(*over.noop_max, 1) - 1;
  }
  if (over.fire_at_reset == false) rules.fire_at_reset = envs::FireAtReset::Never;
  if (over.fire_at_reset == true && rules.fire_at_reset == envs::FireAtReset::Never)
    rules.fire_at_reset = envs::FireAtReset::OneFrameBeforeNoops;
  return rules;
}

template <typename T>
using Array = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

/// One call at a time, without the interpreter's lock.
class Vector {
 public:
  Vector(const std::vector<GameChoice>& choices, const envs::VectorSettings& settings,
         const envs::VectorOptions& options, const std::vector<std::uint32_t>& seeds)
      : settings_(settings) {
    std::vector<envs::VectorGame> games;
    games.reserve(choices.size());
    for (const auto& [name, rom, mode, difficulty] : choices) {
      LoadedGame& loaded = loaded_[name];
      if (loaded.game == nullptr) loaded = load_game(name, rom);
      games.push_back(
          {.console = loaded.console.get(), .game = loaded.game, .mode = mode, .difficulty = difficulty});
    }
    environment_ = std::make_unique<envs::VectorEnvironment>(games, settings, options, seeds);
  }

  nb::tuple reset(const std::vector<int>& ids, const std::vector<std::optional<std::uint32_t>>& seeds) {
    const envs::Batch batch =
        unlocked([&](envs::VectorEnvironment& environment) { return environment.reset(ids, seeds); });
    return nb::make_tuple(observations(batch), info(batch));
  }

  void send(const Array<std::int64_t>& actions, const Array<float>& strengths) {
    using Limits = std::numeric_limits<int>;  // what no int holds is no action either
    std::vector<int> numbers(actions.size());
    std::transform(actions.data(), actions.data() + actions.size(), numbers.begin(), [](std::int64_t action) {
      return static_cast<int>(std::clamp<std::int64_t>(action, Limits::min(), Limits::max()));
    });
    unlocked([&](envs::VectorEnvironment& environment) {
      environment.send(numbers, {strengths.data(), strengths.size()});
    });
  }

  nb::tuple recv() {
    const envs::Batch batch =
        unlocked([](envs::VectorEnvironment& environment) { return environment.recv(); });
    return nb::make_tuple(observations(batch), to_array<double>(batch.rewards),
                          to_array<bool>(batch.terminations), to_array<bool>(batch.truncations), info(batch));
  }

  ~Vector() {
    if (environment_ != nullptr && !environment_->of_this_process())
      static_cast<void>(environment_.release());  // a child of fork has no threads to end
  }
  Vector(const Vector&) = delete;
  Vector& operator=(const Vector&) = delete;

  void close() {
    unlocked([&](envs::VectorEnvironment& environment) {
      if (environment.of_this_process()) environment_.reset();
    });
  }

  [[nodiscard]] std::vector<std::vector<int>> actions() {
    return unlocked([](envs::VectorEnvironment& environment) {
      std::vector<std::vector<int>> all;
      for (int i = 0; i < environment.num_envs(); ++i) {
        std::vector<int> numbers;
        for (const games::Action action : environment.member(i).actions())
          numbers.push_back(static_cast<int>(action));
        all.push_back(numbers);
      }
      return all;
    });
  }

  [[nodiscard]] int num_threads() {
    return unlocked([](envs::VectorEnvironment& environment) { return environment.num_threads(); });
  }

  [[nodiscard]] std::vector<std::size_t> observation_shape() const {
    std::vector<std::size_t> shape = {static_cast<std::size_t>(settings_.stack),
                                      static_cast<std::size_t>(settings_.picture.height),
                                      static_cast<std::size_t>(settings_.picture.width)};
    if (settings_.rgb) shape.push_back(3);
    return shape;
  }

 private:
  template <typename Call>
  std::invoke_result_t<Call, envs::VectorEnvironment&> unlocked(const Call& call) {
    const nb::gil_scoped_release unlock;
    const std::scoped_lock lock(mutex_);
    if (environment_ == nullptr) throw std::logic_error("these environments are closed");
    return call(*environment_);
  }

  [[nodiscard]] std::vector<std::size_t> shape_of(const envs::Batch& batch) const {
    std::vector<std::size_t> shape = observation_shape();
    shape.insert(shape.begin(), batch.env_ids.size());
    return shape;
  }

  /// A view of the batch's own buffer, which it keeps.
  [[nodiscard]] nb::object observations(const envs::Batch& batch) const {
    const std::vector<std::size_t> shape = shape_of(batch);
    const nb::capsule owner(new envs::BufferPool::Buffer(batch.observations),
                            [](void* p) noexcept { delete static_cast<envs::BufferPool::Buffer*>(p); });
    return nb::cast(
        nb::ndarray<nb::numpy, std::uint8_t>(batch.observations.get(), shape.size(), shape.data(), owner));
  }

  [[nodiscard]] nb::dict info(const envs::Batch& batch) const {
    nb::dict info;
    info["env_id"] = to_array<std::int32_t>(batch.env_ids);
    info["lives"] = to_array<std::int32_t>(batch.lives);
    info["frame_number"] = to_array<std::int64_t>(batch.frame_numbers);
    info["episode_frame_number"] = to_array<std::int64_t>(batch.episode_frame_numbers);
    if (batch.finals.empty()) return info;
    nb::dict last;
    last["lives"] = to_array<std::int32_t>(batch.final_lives);
    last["frame_number"] = to_array<std::int64_t>(batch.final_frame_numbers);
    last["episode_frame_number"] = to_array<std::int64_t>(batch.final_episode_frame_numbers);
    info["final_obs"] = to_array<std::uint8_t>(batch.final_observations, shape_of(batch));
    info["_final_obs"] = to_array<bool>(batch.finals);
    info["final_info"] = last;
    info["_final_info"] = to_array<bool>(batch.finals);
    return info;
  }

  std::map<std::string, LoadedGame> loaded_;
  envs::VectorSettings settings_;
  std::mutex mutex_;
  std::unique_ptr<envs::VectorEnvironment> environment_;
};

envs::Autoreset autoreset_of(const std::string& mode) {
  if (mode == "NextStep") return envs::Autoreset::NextStep;
  if (mode == "SameStep") return envs::Autoreset::SameStep;
  if (mode == "Disabled") return envs::Autoreset::Disabled;
  throw nb::value_error(
      fmt::format("autoreset_mode must be NextStep, SameStep or Disabled, got {}", mode).c_str());
}

}  // namespace

void bind_vector(nb::module_& m) {
  nb::class_<Vector>(m, "Vector")
      .def(
          "__init__",
          [](Vector* self, const std::vector<GameChoice>& games, const std::string& preset,
             std::optional<int> frame_skip, std::optional<int> noop_max,
             std::optional<std::int64_t> max_episode_frames, std::optional<double> repeat_action_probability,
             std::optional<bool> full_action_set, std::optional<bool> clip_rewards,
             std::optional<bool> end_on_life_loss, std::optional<bool> fire_at_reset, int height, int width,
             bool rgb, int stack, bool max_pool, bool life_loss_info, int batch_size, int num_threads,
             const std::string& autoreset, bool reuse_observations, const std::vector<std::uint32_t>& seeds) {
            const Overrides overrides{.frame_skip = frame_skip,
                                      .noop_max = noop_max,
                                      .max_episode_frames = max_episode_frames,
                                      .repeat_action_probability = repeat_action_probability,
                                      .full_action_set = full_action_set,
                                      .clip_rewards = clip_rewards,
                                      .end_on_life_loss = end_on_life_loss,
                                      .fire_at_reset = fire_at_reset};
            const envs::VectorSettings settings{.rules = apply(envs::require_preset(preset), overrides),
                                                .picture = {.height = height, .width = width},
                                                .rgb = rgb,
                                                .stack = stack,
                                                .max_pool = max_pool,
                                                .life_loss_info = life_loss_info};
            const envs::VectorOptions options{.batch_size = batch_size,
                                              .num_threads = num_threads,
                                              .autoreset = autoreset_of(autoreset),
                                              .reuse_observations = reuse_observations};
            new (self) Vector(games, settings, options, seeds);
          },
          nb::kw_only(), "games"_a, "preset"_a, "frame_skip"_a.none(), "noop_max"_a.none(),
          "max_episode_frames"_a.none(), "repeat_action_probability"_a.none(), "full_action_set"_a.none(),
          "clip_rewards"_a.none(), "end_on_life_loss"_a.none(), "fire_at_reset"_a.none(), "height"_a,
          "width"_a, "rgb"_a, "stack"_a, "max_pool"_a, "life_loss_info"_a, "batch_size"_a, "num_threads"_a,
          "autoreset"_a, "reuse_observations"_a, "seeds"_a)
      .def("reset", &Vector::reset, "ids"_a, "seeds"_a)
      .def("send", &Vector::send, "actions"_a, "strengths"_a)
      .def("recv", &Vector::recv)
      .def("close", &Vector::close)
      .def_prop_ro("actions", &Vector::actions)
      .def_prop_ro("num_threads", &Vector::num_threads)
      .def_prop_ro("observation_shape", &Vector::observation_shape);
}

}  // namespace quern::python
