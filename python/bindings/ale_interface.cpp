#include "python/bindings/ale_interface.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <limits>
#include <random>
#include <stdexcept>

#include "quern/atari/cartridge.h"
#include "quern/atari/palette.h"
#include "quern/base/error.h"
#include "quern/base/hash.h"
#include "quern/base/text.h"

namespace quern::python {
namespace {

constexpr std::array<const char*, 4> kTypeNames = {"bool", "int", "float", "string"};

/// ALE's names and defaults. A setting that is not here is unknown to Quern.
std::map<std::string, Setting> default_settings() {
  return {
      {"random_seed", -1},
      {"frame_skip", 1},
      {"max_num_frames_per_episode", 0},
      {"reward_min", std::numeric_limits<std::int32_t>::min()},
      {"reward_max", std::numeric_limits<std::int32_t>::max()},
      {"repeat_action_probability", 0.25F},
      {"truncate_on_loss_of_life", false},
      {"color_averaging", false},
      {"display_screen", false},
      {"sound", false},
      {"sound_obs", false},
  };
}

/// Settings that ALE has and Quern does not do.
constexpr std::array<std::string_view, 4> kNotDone = {"color_averaging", "display_screen", "sound",
                                                      "sound_obs"};

constexpr std::string_view kMagic = "QuernALE1";
constexpr std::size_t kMd5Digits = 32;

/// As md5_hex, of any bytes.
std::string digest(std::string_view bytes) {
  return base::md5_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

}  // namespace

// Magic, MD5 of the rest, MD5 of the ROM, whether the generator counts, the snapshot's bytes.
std::string pack_state(const AleState& state) {
  std::string rest = state.rom_md5;
  rest += state.with_generator ? '\1' : '\0';
  rest.append(reinterpret_cast<const char*>(&state.snapshot), sizeof state.snapshot);
  return std::string(kMagic) + digest(rest) + rest;
}

AleState unpack_state(std::string_view bytes) {
  constexpr std::size_t kRest = kMagic.size() + kMd5Digits;
  const bool whole =
      bytes.size() == kRest + kMd5Digits + 1 + sizeof(envs::Snapshot) && bytes.starts_with(kMagic);
  if (!whole || digest(bytes.substr(kRest)) != bytes.substr(kMagic.size(), kMd5Digits)) {
    throw base::Error("these bytes are no state of this build of Quern, or they were changed",
                      "restore it with the build that saved it");
  }
  AleState state;
  state.rom_md5 = bytes.substr(kRest, kMd5Digits);
  state.with_generator = bytes[kRest + kMd5Digits] != 0;
  std::memcpy(&state.snapshot, bytes.data() + kRest + kMd5Digits + 1, sizeof state.snapshot);
  return state;
}

AleInterface::AleInterface() : settings_(default_settings()) {}

void AleInterface::set(const std::string& name, const Setting& value) {
  static_cast<void>(get(name, value.index()));
  const bool not_done = std::find(kNotDone.begin(), kNotDone.end(), name) != kNotDone.end();
  if (not_done && value != Setting(false)) {
    throw base::Error(
        fmt::format("Quern has no {}: there is no window, no sound and no blending of frames", name),
        "leave it off; gymnasium's HumanRendering shows rgb_array frames in a window");
  }
  settings_[name] = value;
}

const Setting& AleInterface::get(const std::string& name, std::size_t type) const {
  const auto found = settings_.find(name);
  if (found == settings_.end()) {
    std::vector<std::string> names;
    for (const auto& setting : settings_) names.push_back(setting.first);
    throw base::UsageError(fmt::format("there is no setting {}", name), base::did_you_mean(name, names));
  }
  const Setting& value = found->second;
  if (value.index() != type) {
    throw base::UsageError(fmt::format("the setting {} is of type {}, not {}", name,
                                       kTypeNames.at(value.index()), kTypeNames.at(type)));
  }
  return value;
}

template <typename T>
T AleInterface::value_of(const std::string& name) const {
  return std::get<T>(get(name, Setting(T{}).index()));
}

void AleInterface::load(std::vector<std::uint8_t> rom, const std::string& name) {
  const std::string md5 = base::md5_hex(rom);
  std::string lower = name;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const games::Game* by_md5 = games::find_game_by_md5(md5);
  const games::Game* game = by_md5 != nullptr ? by_md5 : games::find_game(lower);
  if (game == nullptr) {
    throw base::Error(fmt::format("{}: not the ROM of a game that Quern knows (MD5 {})", name, md5),
                      "name the file after a game to give it the game's settings, for instance breakout.bin");
  }
  const envs::AleSettings settings{.repeat_action_probability = value_of<float>("repeat_action_probability"),
                                   .frame_skip = value_of<std::int32_t>("frame_skip"),
                                   .reward_min = value_of<std::int32_t>("reward_min"),
                                   .reward_max = value_of<std::int32_t>("reward_max"),
                                   .max_episode_frames = value_of<std::int32_t>("max_num_frames_per_episode"),
                                   .truncate_on_loss_of_life = value_of<bool>("truncate_on_loss_of_life")};
  const double sticky = settings.repeat_action_probability;
  if (settings.frame_skip < 1)
    throw base::UsageError(fmt::format("frame_skip must be 1 or more, got {}", settings.frame_skip));
  if (!(sticky >= 0 && sticky <= 1))
    throw base::UsageError(fmt::format("repeat_action_probability must be 0..1, got {}", sticky));
  if (settings.reward_min > settings.reward_max) {
    throw base::UsageError(fmt::format("reward_min must not be above reward_max, got {} and {}",
                                       settings.reward_min, settings.reward_max));
  }

  // All that may fail comes before anything changes.
  std::unique_ptr<Loaded> fresh;
  if (loaded_ == nullptr || loaded_->game != game || loaded_->md5 != md5) {
    fresh = std::make_unique<Loaded>(
        Loaded{game, md5,
               atari::Console(atari::make_cartridge(std::move(rom)),
                              by_md5 != nullptr ? by_md5->console : atari::ConsoleSettings{})});
  }
  const int seed = value_of<std::int32_t>("random_seed");
  const std::uint32_t random_seed = seed == -1 ? std::random_device()() : static_cast<std::uint32_t>(seed);
  auto environment = std::make_unique<envs::AleEnvironment>(
      fresh != nullptr ? fresh->console : loaded_->console, *game, settings, random_seed);
  auto snapshot = std::make_unique<envs::Snapshot>(environment->loaded());
  environment_ = std::move(environment);
  snapshot_ = std::move(snapshot);
  if (fresh != nullptr) loaded_ = std::move(fresh);
}

const envs::AleEnvironment& AleInterface::environment() const {
  if (environment_ == nullptr) throw std::logic_error("no ROM is loaded: call loadROM first");
  return *environment_;
}

const games::Game& AleInterface::game() const {
  return environment().game();
}

void AleInterface::reset_game() {
  environment().reset_game(*snapshot_);
}

std::int32_t AleInterface::act(int action, float strength, int times) {
  const envs::AleEnvironment& environment = this->environment();
  if (action < 0 || action >= games::kNumActions)
    throw base::UsageError(fmt::format("an action is a number 0..17, got {}", action));
  if (!(strength >= 0 && strength <= 1))
    throw base::UsageError(fmt::format("paddle_strength must be 0..1, got {}", strength));
  std::int32_t sum = 0;
  for (int i = 0; i < times; ++i)
    sum += environment.act(*snapshot_, static_cast<games::Action>(action), strength);
  return sum;
}

bool AleInterface::game_over(bool with_truncation) const {
  const envs::AleEnvironment& environment = this->environment();
  return with_truncation ? environment.game_over(*snapshot_) : snapshot_->env.game.over;
}

bool AleInterface::truncated() const {
  return environment().truncated(*snapshot_);
}

std::int32_t AleInterface::lives() const {
  return environment().lives(*snapshot_);
}

std::int64_t AleInterface::frame_number() const {
  static_cast<void>(environment());
  return snapshot_->env.frame_number;
}

std::int64_t AleInterface::episode_frame_number() const {
  static_cast<void>(environment());
  return snapshot_->env.episode_frame_number;
}

void AleInterface::set_mode(int mode) {
  environment().set_mode(*snapshot_, mode);
}

void AleInterface::set_difficulty(int difficulty) {
  environment().set_difficulty(*snapshot_, difficulty);
}

int AleInterface::height() const {
  return environment().console().height();
}

std::span<const std::uint8_t> AleInterface::screen() const {
  return environment().screen(*snapshot_);
}

void AleInterface::grey_screen(std::span<std::uint8_t> out) const {
  const auto& grey = atari::grey_palette(environment().console().format());
  const std::span<const std::uint8_t> pixels = screen();
  for (std::size_t i = 0; i < pixels.size(); ++i) out[i] = grey[pixels[i]];
}

void AleInterface::rgb_screen(std::span<std::uint8_t> out) const {
  const auto& palette = atari::palette(environment().console().format());
  const std::span<const std::uint8_t> pixels = screen();
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const std::uint32_t colour = palette[pixels[i]];
    out[3 * i] = static_cast<std::uint8_t>(colour >> 16);
    out[3 * i + 1] = static_cast<std::uint8_t>(colour >> 8);
    out[3 * i + 2] = static_cast<std::uint8_t>(colour);
  }
}

std::span<const std::uint8_t, atari::kRamSize> AleInterface::ram() const {
  static_cast<void>(environment());
  return atari::Console::ram(snapshot_->console);
}

void AleInterface::poke(int index, int value) {
  static_cast<void>(environment());
  if (index < 0 || index >= atari::kRamSize || value < 0 || value > 255) {
    throw base::UsageError(
        fmt::format("setRAM takes an index 0..127 and a value 0..255, got {} and {}", index, value));
  }
  atari::Console::poke_ram(snapshot_->console, index, static_cast<std::uint8_t>(value));
}

AleState AleInterface::clone(bool with_generator) const {
  static_cast<void>(environment());
  AleState state{.snapshot = *snapshot_, .with_generator = with_generator, .rom_md5 = loaded_->md5};
  if (!with_generator) state.snapshot.env.generator = {};
  return state;
}

void AleInterface::restore(const AleState& state) {
  const envs::AleEnvironment& environment = this->environment();
  if (state.rom_md5 != loaded_->md5) {
    const games::Game* other = games::find_game_by_md5(state.rom_md5);
    throw base::Error(fmt::format("a state of {} cannot be restored in {}",
                                  other != nullptr ? other->name : "another ROM", loaded_->game->name),
                      "load that ROM first");
  }
  if (!environment.accepts(state.snapshot))
    throw base::Error("this state holds what no console does", "restore a state that cloneState made");
  const std::mt19937 generator = snapshot_->env.generator;
  *snapshot_ = state.snapshot;
  if (!state.with_generator) snapshot_->env.generator = generator;
}

}  // namespace quern::python
