// quern.evolve, quern.resume and quern.load_policy.

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/function.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/bindings/arrays.h"
#include "python/bindings/interruptible.h"
#include "python/bindings/loaded_game.h"
#include "python/bindings/modules.h"
#include "quern/base/error.h"
#include "quern/evolve/options.h"
#include "quern/evolve/recorded_run.h"
#include "quern/policy/integer_policy.h"
#include "quern_version.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace quern::python {
namespace {

/// Finds the ROM of a game; None for the free game. Raises what Python raises.
using FindRom = std::function<std::optional<std::filesystem::path>(const std::string&)>;

nb::object to_dict(const std::optional<evolve::ReturnSummary>& test) {
  if (!test) return nb::none();
  nb::dict dict;
  dict["return_mean"] = test->mean;
  dict["standard_error"] = test->standard_error;
  dict["return_min"] = test->min;
  dict["return_median"] = test->median;
  dict["return_max"] = test->max;
  return dict;
}

nb::dict to_dict(const evolve::GenerationReport& report, const evolve::RunProgress& progress) {
  nb::dict dict;
  dict["generation"] = report.generation;
  dict["frames_used"] = report.state->frames_used;
  dict["return_mean"] = report.return_mean;
  dict["return_standard_error"] = report.return_standard_error;
  dict["return_median"] = report.return_median;
  dict["return_best"] = report.return_best;
  dict["elite_return_mean"] = report.state->elite->mean_return;
  dict["fraction_done"] = progress.fraction_done;
  dict["frames_per_s"] = progress.frames_per_s;
  dict["seconds_left"] = progress.seconds_left;
  return dict;
}

/// Trains without the interpreter's lock, which is taken for the callback and to look for Ctrl-C. An
/// exception of the callback ends the training at once and is raised when all that is done is saved.
nb::dict train(run::RunDirectory& run, const run::Config& config, const LoadedGame& loaded,
               evolve::SavedState saved, int num_threads, const nb::object& on_generation) {
  run.truncate_metrics(saved.metrics_records);
  Interruptible python;
  const auto look_for_signals = [&] { python.look_for_signals(); };
  const evolve::RunEvents events{
      .on_progress = [&](const evolve::RunProgress&) { look_for_signals(); },
      .on_generation =
          [&](const evolve::GenerationReport& report, const evolve::RunProgress& progress) {
            python.with_lock([&] {
              if (!on_generation.is_none()) on_generation(to_dict(report, progress));
            });
          },
      .on_test = {},
      .on_test_wait = look_for_signals,
  };
  evolve::RunResult result;
  {
    const nb::gil_scoped_release unlocked;
    result = evolve::train_recorded(run, config, *loaded.console, *loaded.game, std::move(saved), num_threads,
                                    events, python.stop(), python.stop(), base::system_clock());
  }
  python.rethrow();
  nb::dict dict;
  dict["path"] = run.path();
  dict["id"] = run.id();
  dict["finished"] = result.finished;
  dict["interrupted"] = python.interrupted();
  dict["generations"] = result.generations;
  dict["frames_used"] = result.frames_used;
  dict["test"] = to_dict(result.test);
  return dict;
}

nb::dict evolve_run(const std::filesystem::path& runs,
                    const std::optional<std::filesystem::path>& config_file,
                    const std::vector<std::string>& assignments, const FindRom& find_rom, int num_threads,
                    const nb::object& on_generation) {
  const run::Config config = evolve::read_config([&](run::Config& read) {
    if (config_file) read.load_file(*config_file);
    for (const std::string& assignment : assignments) read.set(assignment);
  });
  const std::string game = config.get_string("game");
  const LoadedGame loaded = load_game(game, find_rom(game));
  run::RunDirectory run =
      run::RunDirectory::create(runs,
                                {.kind = "evolve",
                                 .subject = game,
                                 .seed = static_cast<std::uint64_t>(config.get_int("seed")),
                                 .command = {"quern.evolve"},
                                 .commit = QUERN_COMMIT,
                                 .version = QUERN_VERSION},
                                config.to_toml(), base::system_clock());
  run.take();
  return train(run, config, loaded, {}, num_threads, on_generation);
}

nb::dict resume_run(const std::filesystem::path& runs, const std::string& name, const FindRom& find_rom,
                    int num_threads, const nb::object& on_generation) {
  run::RunDirectory run = run::RunDirectory::open(runs, name);
  run.take();
  const run::Config config = evolve::read_config(
      [&](run::Config& read) { read.load_text(run.config_toml(), (run.path() / "config.toml").string()); });
  const std::string game = config.get_string("game");
  return train(run, config, load_game(game, find_rom(game)), evolve::read_newest_state(run), num_threads,
               on_generation);
}

/// A champion that plays.
class Policy {
 public:
  Policy(const run::RunDirectory& run, const FindRom& find_rom)
      : saved_(evolve::read_champion(run)), policy_(saved_.network) {
    const LoadedGame loaded = load_game(saved_.game, find_rom(saved_.game));
    const envs::AgentEnvironment environment(*loaded.console, *loaded.game,
                                             envs::require_preset(saved_.preset));
    evolve::require_same_actions(run, saved_, environment);
    for (const games::Action action : environment.actions()) actions_.push_back(static_cast<int>(action));
    policy_.build(saved_.parameters, saved_.scales);
  }

  [[nodiscard]] const evolve::SavedPolicy& saved() const noexcept { return saved_; }
  [[nodiscard]] const std::vector<int>& actions() const noexcept { return actions_; }

  /// For each of the stacks the chosen index, and where `sums` is not null, the last layer's sums.
  void decide(const std::uint8_t* stacks, std::size_t count, std::int64_t* chosen, std::int32_t* sums) {
    for (std::size_t i = 0; i < count; ++i) {
      chosen[i] = policy_.decide(policy::Stack(stacks + i * policy::kStackBytes, policy::kStackBytes));
      if (sums == nullptr) continue;
      const std::span<const std::int32_t> from = policy_.sums();
      std::copy(from.begin(), from.end(), sums + i * from.size());
    }
  }

 private:
  evolve::SavedPolicy saved_;
  policy::IntegerPolicy policy_;
  std::vector<int> actions_;
};

using Stacks = nb::ndarray<const std::uint8_t, nb::ndim<4>, nb::c_contig, nb::device::cpu>;

std::size_t num_stacks(const Stacks& stacks) {
  if (stacks.shape(1) != policy::kInputChannels || stacks.shape(2) != policy::kInputSide ||
      stacks.shape(3) != policy::kInputSide) {
    throw nb::value_error(fmt::format("observations must be uint8 [n, 4, 84, 84], got [{}, {}, {}, {}]",
                                      stacks.shape(0), stacks.shape(1), stacks.shape(2), stacks.shape(3))
                              .c_str());
  }
  return stacks.shape(0);
}

void bind_policy(nb::module_& m) {
  nb::class_<Policy>(m, "Policy")
      .def(
          "__init__",
          [](Policy* self, const std::filesystem::path& runs, const std::string& run,
             const FindRom& find_rom) { new (self) Policy(run::RunDirectory::open(runs, run), find_rom); },
          "runs"_a, "run"_a, "find_rom"_a)
      .def_prop_ro("game", [](const Policy& p) { return p.saved().game; })
      .def_prop_ro("preset", [](const Policy& p) { return p.saved().preset; })
      .def_prop_ro("network", [](const Policy& p) { return std::string(p.saved().network.name); })
      .def_prop_ro("action_numbers", &Policy::actions)
      .def_prop_ro(
          "parameters", [](const Policy& p) { return to_array<float>(p.saved().parameters); },
          nb::rv_policy::move)
      .def(
          "decide",
          [](Policy& p, const Stacks& stacks) {
            auto chosen = make_array<std::int64_t>({num_stacks(stacks)});
            p.decide(stacks.data(), chosen.shape(0), chosen.data(), nullptr);
            return chosen;
          },
          "observations"_a, "The chosen index for each of uint8 [n, 4, 84, 84]: int64 [n].")
      .def(
          "sums",
          [](Policy& p, const Stacks& stacks) {
            auto chosen = make_array<std::int64_t>({num_stacks(stacks)});
            auto sums = make_array<std::int32_t>({chosen.shape(0), p.actions().size()});
            p.decide(stacks.data(), chosen.shape(0), chosen.data(), sums.data());
            return sums;
          },
          "observations"_a, "What each action got in the last layer: int32 [n, actions].");
}

}  // namespace

void bind_evolution(nb::module_& m) {
  bind_policy(m);
  m.def("evolve", evolve_run, "runs"_a, "config"_a.none(), "assignments"_a, "find_rom"_a, "num_threads"_a,
        "on_generation"_a.none());
  m.def("resume", resume_run, "runs"_a, "run"_a, "find_rom"_a, "num_threads"_a, "on_generation"_a.none());
}

}  // namespace quern::python
