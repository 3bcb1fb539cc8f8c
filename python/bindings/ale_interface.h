#pragma once
// ale-py's ALEInterface over our environment, without Python.

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "quern/envs/ale_environment.h"

namespace quern::python {

/// A snapshot of an AleInterface. Exact: it holds the screen, the sticky action and, when asked for, the
/// generator.
struct AleState {
  envs::Snapshot snapshot;
  bool with_generator = false;
  std::string rom_md5;

  bool operator==(const AleState&) const = default;
};

/// For files and pickles of this build. unpack throws base::Error for bytes of another one and for changed
/// ones.
std::string pack_state(const AleState& state);
AleState unpack_state(std::string_view bytes);

using Setting = std::variant<bool, std::int32_t, float, std::string>;

/// Throws base::Error for whatever cannot be done; std::logic_error before a ROM is loaded.
class AleInterface {
 public:
  AleInterface();

  /// ALE's settings by name; they take effect at the next load. Throws base::UsageError for an unknown name
  /// or another type, base::Error for what Quern does not do.
  void set(const std::string& name, const Setting& value);
  [[nodiscard]] const Setting& get(const std::string& name, std::size_t type) const;

  /// Known by its MD5, else by its name in lower case. Loading the same ROM again costs no power-on. What
  /// throws changes nothing.
  void load(std::vector<std::uint8_t> rom, const std::string& name);

  void reset_game();
  std::int32_t act(int action, float strength, int times);
  [[nodiscard]] bool game_over(bool with_truncation) const;
  [[nodiscard]] bool truncated() const;
  [[nodiscard]] std::int32_t lives() const;
  [[nodiscard]] std::int64_t frame_number() const;
  [[nodiscard]] std::int64_t episode_frame_number() const;
  void set_mode(int mode);
  void set_difficulty(int difficulty);

  [[nodiscard]] int height() const;
  [[nodiscard]] std::span<const std::uint8_t> screen() const;
  void grey_screen(std::span<std::uint8_t> out) const;
  void rgb_screen(std::span<std::uint8_t> out) const;
  [[nodiscard]] std::span<const std::uint8_t, atari::kRamSize> ram() const;
  void poke(int index, int value);

  [[nodiscard]] AleState clone(bool with_generator) const;
  void restore(const AleState& state);

  [[nodiscard]] const games::Game& game() const;

 private:
  /// What a loaded ROM makes; nothing of it changes.
  struct Loaded {
    const games::Game* game;
    std::string md5;
    atari::Console console;
  };

  [[nodiscard]] const envs::AleEnvironment& environment() const;
  template <typename T>
  [[nodiscard]] T value_of(const std::string& name) const;

  std::map<std::string, Setting> settings_;
  std::unique_ptr<Loaded> loaded_;
  std::unique_ptr<envs::AleEnvironment> environment_;
  std::unique_ptr<envs::Snapshot> snapshot_;
};

}  // namespace quern::python
