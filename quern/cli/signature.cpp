#include "quern/cli/signature.h"

#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <numeric>

#include "quern/analog/data/samples.h"
#include "quern/analog/network/checkpoint.h"
#include "quern/analog/network/options.h"
#include "quern/analog/network/trainer.h"
#include "quern/analog/tile/presets.h"
#include "quern/base/hash.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"
#include "quern/cli/command.h"
#include "quern/cli/evolve_run.h"
#include "quern/cli/terminal.h"
#include "quern/evolve/evaluation_pool.h"
#include "quern/evolve/trainer.h"

namespace quern::cli {
namespace {

constexpr const char* kExpected = "685c5b70";

/// Collects values into one CRC-32 chain.
class Digest {
 public:
  template <typename Item>
  void add(std::span<const Item> items) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(items.data());
    text_ += fmt::format("{:08x}", base::crc32({bytes, items.size_bytes()}));
  }
  [[nodiscard]] std::string hex() const {
    return fmt::format("{:08x}",
                       base::crc32({reinterpret_cast<const std::uint8_t*>(text_.data()), text_.size()}));
  }

 private:
  std::string text_;
};

void add_random_numbers(Digest& digest) {
  std::vector<float> normals(10'007);
  base::add_normals(normals, 42, 0.5F);
  digest.add(std::span<const float>(normals));
}

/// The free game under random play: RAM and screen.
void add_console(Digest& digest, const envs::AgentEnvironment& environment) {
  const auto frames = std::make_unique<atari::FrameBuffers>();
  const auto state = std::make_unique<envs::AgentState>();
  base::CounterRng rng(7);
  environment.reset(*state, 7);
  for (int i = 0; i < 200; ++i) {
    environment.step(*state,
                     static_cast<int>(rng.below(static_cast<std::uint32_t>(environment.actions().size()))));
    digest.add(std::span<const std::uint8_t>(atari::Console::ram(state->ale.console)));
    digest.add(environment.draw_screen(*state, *frames));
    digest.add(std::span<const std::uint8_t>(state->stack));
  }
}

/// Two generations of a small population.
void add_evolution(Digest& digest, const envs::AgentEnvironment& environment) {
  const policy::Network network =
      policy::make_network("tiny", static_cast<int>(environment.actions().size()));
  const evolve::Problem problem{.environment = environment,
                                .network = network,
                                .calibration_stacks = evolve::record_calibration_stacks(environment)};
  evolve::EvaluationPool pool(problem, 2, base::system_clock());
  evolve::SearchState state;
  const std::atomic<bool> never = false;
  const evolve::TrainSettings settings{.search = {.seed = 3,
                                                  .population = 6,
                                                  .selection_threshold = 2,
                                                  .validation_threshold = 2,
                                                  .validation_episodes = 2},
                                       .max_decisions = 100,
                                       .budget_frames = 6'000};
  evolve::train(settings, pool, state, {}, never, never);
  digest.add(std::span<const std::uint8_t>(evolve::encode_state({.metrics_records = 0, .search = state})));
}

/// An epoch of a small network on tiles of every kind, and of every preset.
void add_analog(Digest& digest) {
  std::vector<std::vector<std::string>> kinds = {
      {"tile.kind=ideal"},
      {"tile.kind=tiki-taka", "device.preset=reram_soft_bounds"},
      {"tile.kind=nature", "nature.transfer_interval=100", "forward.perfect=false"},
      {"tile.kind=nature", "nature.transfer_interval=100", "nature.pcm_only=true"}};
  for (const std::string& preset : analog::tile_preset_names())
    kinds.push_back({"tile.kind=rpu", "device.preset=" + preset});
  analog::DataSet data = analog::load_data_set({});
  std::vector<std::size_t> first(300);
  std::iota(first.begin(), first.end(), 0);
  data.train = analog::select(data.train, first);
  data.test = analog::select(data.test, std::span(first).first(50));
  const std::atomic<bool> never = false;
  for (const std::vector<std::string>& kind : kinds) {
    const run::Config config = analog::read_config([&](run::Config& c) {
      for (const std::string& setting : kind) c.set(setting);
      c.set("network.hidden=20");
      c.set("tile.max_inputs=40");
    });
    analog::TrainState state{.network = analog::make_network(analog::network_settings(config, data))};
    analog::train({.seed = 2, .epochs = 1, .learning_rate = 0.02}, data, state, {}, never);
    digest.add(std::span<const std::uint8_t>(analog::encode_state(0, 0, state)));
  }
}

}  // namespace

std::string compute_signature() {
  const LoadedGame loaded = load_game("gleaner");
  Digest digest;
  add_random_numbers(digest);
  for (const envs::Preset& preset : envs::presets()) {
    const envs::AgentEnvironment environment(*loaded.console, *loaded.game, preset);
    add_console(digest, environment);
  }
  add_evolution(digest, envs::AgentEnvironment(*loaded.console, *loaded.game, envs::require_preset("uber")));
  add_analog(digest);
  return digest.hex();
}

std::string expected_signature() {
  return kExpected;
}

void add_signature(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("signature", "Print one hash over small fixed workloads of every part");
  const auto check = std::make_shared<bool>(false);
  command->add_flag("--check", *check, "compare with this version's and fail when it differs");
  command->footer("Example:\n  quern signature --check");
  command->callback([check, &context] {
    const std::string signature = compute_signature();
    fmt::print("{}\n", signature);
    if (*check && signature != expected_signature()) {
      say("error: the signature of this version is {}\n", expected_signature());
      context.exit_code = 1;
    }
  });
}

}  // namespace quern::cli
