#include "core_comparison.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "dice.h"
#include "quern/atari/fast_core_impl.h"
#include "quern/atari/riot_impl.h"
#include "quern/atari/tia_impl.h"
#include "state_difference.h"

namespace quern::fuzz {
namespace {

using namespace atari;

/// What the reference did in one call.
struct Frame {
  ConsoleState before;
  Inputs inputs;
  ConsoleState after;
};

Inputs random_inputs(Dice& dice) {
  Inputs inputs;
  for (Joystick& stick : inputs.joystick) {
    const unsigned bits = dice.below(32);
    stick = {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0};
  }
  for (std::int32_t& resistance : inputs.paddle_resistance)
    resistance = static_cast<std::int32_t>(dice.one_in(8) ? 0 : dice.between(1000, 900'000));
  inputs.paddle_fire = {dice.one_in(2), dice.one_in(2)};
  inputs.reset = dice.one_in(20);
  inputs.select = dice.one_in(20);
  inputs.left_difficulty_a = dice.one_in(2);
  inputs.right_difficulty_a = dice.one_in(2);
  return inputs;
}

std::string difference_at(std::size_t frame, const char* what, const ConsoleState& reference,
                          const ConsoleState& fast) {
  return fmt::format("frame {}, {}:{} (pc before the end {:#06x})", frame, what,
                     state_difference(reference, fast), reference.cpu.pc);
}

/// As a restored state might be: anything in registers, and the code goes on anywhere.
void disturb(Dice& dice, ConsoleState& state) {
  CpuState& cpu = state.cpu;
  for (std::uint8_t* value : {&cpu.a, &cpu.x, &cpu.y, &cpu.sp, &state.data_bus}) *value = dice.byte();
  cpu.p = dice.byte() | 0x30;
  if (dice.one_in(3)) cpu.pc = static_cast<std::uint16_t>(dice.below(0x10000));
  for (unsigned left = dice.below(16); left > 0; --left) state.ram[dice.below(kRamSize)] = dice.byte();
  state.riot.timer = dice.byte();
  state.riot.interval_shift = dice.of({0U, 3U, 6U, 10U});
  state.riot.cycle_when_set = state.cycles - dice.below(dice.one_in(2) ? 300 : 300'000);
  state.riot.read_after_expiry = dice.one_in(4);
  TiaState& tia = state.tia;
  for (std::int16_t& position : tia.position) position = static_cast<std::int16_t>(dice.below(kScreenWidth));
  for (std::uint8_t& motion : tia.motion) motion = static_cast<std::uint8_t>(dice.below(16));
  for (std::uint8_t& graphics : tia.grp) graphics = dice.byte();
  for (std::uint8_t& graphics : tia.delayed_grp) graphics = dice.byte();
  for (bool& delay : tia.delay_player) delay = dice.one_in(2);
  tia.playfield = dice.below(1U << 20);
  tia.collisions = static_cast<std::uint16_t>(dice.below(1U << 15));
  for (std::size_t i = 0; i < 8; ++i) {
    state.cartridge.dpc_counter[i] = static_cast<std::uint16_t>(dice.below(0x800));
    state.cartridge.dpc_top[i] = dice.byte();
  }
}

/// Both cores side by side, drawn, and undrawn on a copy; records what the reference does.
class SideBySide {
 public:
  SideBySide(const Console& reference, const Console& fast) : reference_(reference), fast_(fast) {}

  std::vector<Frame> frames;
  std::optional<std::string> difference;

  void run(Dice& dice, int num_frames) {
    difference = first_difference("power on", reference_.power_on_state(), fast_.power_on_state());
    state_ = reference_.power_on_state();
    fast_state_ = state_;
    for (int i = 0; i < num_frames && !difference; ++i) {
      if (dice.one_in(state_.cpu.jammed ? 3 : 30)) reset();
      if (dice.one_in(50) && !state_.tia.partial_frame) {
        disturb(dice, state_);
        fast_state_ = state_;
      }
      frame(random_inputs(dice), dice.one_in(3));
    }
  }

 private:
  std::optional<std::string> first_difference(const char* what, const ConsoleState& reference,
                                              const ConsoleState& fast) const {
    if (reference == fast) return std::nullopt;
    return difference_at(frames.size(), what, reference, fast);
  }

  void reset() {
    reference_.system_reset(state_, *pixels_);
    fast_.system_reset(fast_state_, *fast_pixels_);
  }

  /// Unseen frames leave the pixels alone, so a picture after them shows older rows: they are for a copy.
  void frame(const Inputs& inputs, bool undrawn_first) {
    ConsoleState copy = fast_state_;
    if (undrawn_first) fast_.run_frame_unseen(copy, inputs);
    Frame recorded{state_, inputs, {}};
    reference_.run_frame(state_, *pixels_, inputs);
    fast_.run_frame(fast_state_, *fast_pixels_, inputs);
    if (!undrawn_first) fast_.run_frame_unseen(copy, inputs);
    difference = first_difference("drawn", state_, fast_state_);
    if (!difference) difference = first_difference("unseen", state_, copy);
    if (!difference && *pixels_ != *fast_pixels_) difference = pixel_difference();
    recorded.after = state_;
    frames.push_back(recorded);
  }

  std::string pixel_difference() const {
    for (std::size_t buffer = 0; buffer < 2; ++buffer) {
      const auto& a = pixels_->pixels[buffer];
      const auto& b = fast_pixels_->pixels[buffer];
      const auto at =
          static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
      if (at == a.size()) continue;
      return fmt::format("frame {}, pixels of the {} buffer: row {} column {} is {} / {}", frames.size(),
                         buffer == state_.current_buffer ? "current" : "other", at / kScreenWidth,
                         at % kScreenWidth, a[at], b[at]);
    }
    return {};
  }

  const Console& reference_;
  const Console& fast_;
  ConsoleState state_, fast_state_;
  std::unique_ptr<FrameBuffers> pixels_ = std::make_unique<FrameBuffers>();
  std::unique_ptr<FrameBuffers> fast_pixels_ = std::make_unique<FrameBuffers>();
};

/// The recorded frames in random order, so that native code is made from other starts, on the fast core
/// without its console: how often does it leave a frame to the reference?
void run_shuffled(const RandomProgram& program, const Console& console, const std::vector<Frame>& frames,
                  Dice& dice, Comparison& result) {
  const FastCore core(program.cartridge, program.settings, console.format(), console.height());
  if (!core.is_ready()) return;
  std::vector<std::size_t> order(frames.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[dice.below(i)]);
  for (const std::size_t i : order) {
    ConsoleState state = frames[i].before;
    if (state.tia.partial_frame || state.cpu.jammed) continue;
    riot_rebase_cycles(state.riot, state.cycles);
    state.cartridge.dpc_cycle -= state.cycles;
    begin_tia_frame(state, program.settings, console.format(), console.height());
    state.cycles = 0;
    state.tia.partial_frame = true;
    const ConsoleState begun = state;
    if (!core.run_frame(state, read_ports(program.settings, frames[i].inputs), nullptr)) {
      if (state != begun) result.difference = difference_at(i, "left to the reference", begun, state);
      continue;
    }
    ++result.native_frames;
    state.data_bus = state.ram.back();
    if (state != frames[i].after)
      result.difference = difference_at(i, "native, shuffled", frames[i].after, state);
    if (result.difference) return;
  }
}

/// Each thread starts somewhere else on one new console, which has no native code yet.
std::optional<std::string> run_on_threads(const RandomProgram& program, const std::vector<Frame>& frames,
                                          int num_threads) {
  const Console console(program.cartridge, program.settings);
  std::vector<std::optional<std::string>> differences(static_cast<std::size_t>(num_threads));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < differences.size(); ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < frames.size() && !differences[t]; ++i) {
        const std::size_t at = (i + t * frames.size() / differences.size()) % frames.size();
        ConsoleState state = frames[at].before;
        console.run_frame_unseen(state, frames[at].inputs);
        if (state != frames[at].after)
          differences[t] = difference_at(at, "unseen, on threads", frames[at].after, state);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto found =
      std::find_if(differences.begin(), differences.end(), [](const auto& d) { return d.has_value(); });
  return found == differences.end() ? std::nullopt : *found;
}

}  // namespace

Comparison compare_cores(const RandomProgram& program, std::uint64_t seed, const ComparisonOptions& options) {
  Dice dice(base::derive_seed(seed, 1));
  const Console reference(program.cartridge, program.settings, Core::Reference);
  const Console fast(program.cartridge, program.settings);
  SideBySide both(reference, fast);
  both.run(dice, options.num_frames);

  Comparison result;
  result.difference = both.difference;
  result.num_frames = static_cast<int>(both.frames.size());
  if (!result.difference) run_shuffled(program, reference, both.frames, dice, result);
  if (!result.difference && options.num_threads > 0 && !both.frames.empty())
    result.difference = run_on_threads(program, both.frames, options.num_threads);
  return result;
}

}  // namespace quern::fuzz
