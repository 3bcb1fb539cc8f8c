#include "quern/atari/console.h"

#include <algorithm>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include "quern/atari/bus_impl.h"
#include "quern/atari/cpu_impl.h"
#include "quern/atari/fast_core_impl.h"
#include "quern/base/assert.h"

namespace quern::atari {
namespace {

constexpr int kMaxInstructionsPerFrame = 25000;
constexpr int kWarmUpFrames = 60;
constexpr int kPalLines = 285;  // more lines than this make a frame a PAL frame
constexpr int kPalFrames = 15;  // of the second half of the warm-up
constexpr int kPropertyHeight = 210;
constexpr int kPalHeight = 250;

/// The system generator continued where the state says; its draws are counted there.
class SystemGenerator {
 public:
  SystemGenerator(std::uint32_t seed, std::uint32_t& draws) : generator_(seed), draws_(draws) {
    generator_.discard(draws);
  }
  std::uint32_t next() {
    ++draws_;
    return static_cast<std::uint32_t>(generator_());
  }
  std::uint32_t next_timer() { return 25 + next() % 75; }
  void fill(std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(next());
  }

 private:
  std::mt19937 generator_;
  std::uint32_t& draws_;
};

}  // namespace

Console::Console(Cartridge cartridge, const ConsoleSettings& settings, Core core)
    : cartridge_(std::move(cartridge)), settings_(settings), height_(settings.height) {
  if (!rom_fits(cartridge_.type, cartridge_.rom)) {
    throw std::invalid_argument("[Console] the ROM must fit the cartridge type, got " +
                                std::to_string(cartridge_.rom.size()) + " bytes for " +
                                std::string(cartridge_type_name(cartridge_.type)));
  }
  check_settings(settings);
  ConsoleState& state = power_on_state_;
  {
    SystemGenerator generator(settings_.system_seed, state.system_draws);
    generator.fill(state.ram);
    generator.next_timer();  // of the RIOT's own reset, before the system's
  }

  // The warm-up runs with NTSC limits, paddles that ALE has not placed yet, and the switches of the entry.
  const auto frames = std::make_unique<FrameBuffers>();
  Inputs inputs;
  inputs.paddle_resistance = {0, 0};
  inputs.left_difficulty_a = settings.left_difficulty_a;
  inputs.right_difficulty_a = settings.right_difficulty_a;
  system_reset(state, *frames);
  int pal_frames = 0;
  for (int i = 0; i < kWarmUpFrames; ++i) {
    emulate_frame(state, *frames, inputs);
    const int clocks = static_cast<std::int32_t>(state.cycles * 3) - state.tia.clock_frame_start;
    if (i >= kWarmUpFrames / 2 && clocks / kLineClocks > kPalLines) ++pal_frames;
  }
  if (pal_frames >= kPalFrames) {
    format_ = TvFormat::Pal;
    if (height_ == kPropertyHeight) height_ = kPalHeight;
  }
  system_reset(state, *frames);

  if (core == Core::Reference) return;
  auto fast = std::make_shared<const FastCore>(cartridge_, settings_, format_, height_);
  if (fast->is_ready()) fast_core_ = std::move(fast);
}

void Console::check_settings(const ConsoleSettings& settings) {
  if (settings.height < 1 || settings.height > kMaxScreenHeight) {
    throw std::invalid_argument("[Console] height must be 1..250, got " + std::to_string(settings.height));
  }
  if (settings.first_line < 0 || settings.first_line > 255) {
    throw std::invalid_argument("[Console] first_line must be 0..255, got " +
                                std::to_string(settings.first_line));
  }
}

void Console::system_reset(ConsoleState& state, FrameBuffers& frames) const noexcept {
  SystemGenerator generator(settings_.system_seed, state.system_draws);
  Bus bus(cartridge_, settings_, format_, height_, state, frames, Inputs{});
  state.cycles = 0;
  riot_reset(state.riot, generator.next_timer());
  bus.tia().reset();
  generator.fill(std::span(state.cartridge_ram).first(cartridge_ram_bytes(cartridge_.type)));
  bus.mapper().reset();
  reset_cpu(bus);
}

void Console::run_frame(ConsoleState& state, FrameBuffers& frames, const Inputs& inputs) const noexcept {
  if (!run_frame_fast(state, &frames, inputs)) emulate_frame(state, frames, inputs);
  state.data_bus = state.ram.back();  // ALE reads all RAM over the bus
}

void Console::run_frame_unseen(ConsoleState& state, const Inputs& inputs) const noexcept {
  if (!run_frame_fast(state, nullptr, inputs)) {
    FrameBuffers unseen{};
    emulate_frame(state, unseen, inputs);
  }
  state.data_bus = state.ram.back();
}

bool Console::whole_frame(const ConsoleState& state) const noexcept {
  return !state.tia.partial_frame && state.tia.pixels_drawn >= height_ * kScreenWidth;
}

void Console::begin_frame(ConsoleState& state) const noexcept {
  riot_rebase_cycles(state.riot, state.cycles);
  state.cartridge.dpc_cycle -= state.cycles;
  begin_tia_frame(state, settings_, format_, height_);
  state.cycles = 0;
  state.tia.partial_frame = true;  // until the TIA ends the frame
}

/// The reference.
void Console::emulate_frame(ConsoleState& state, FrameBuffers& frames, const Inputs& inputs) const noexcept {
  if (!state.tia.partial_frame) begin_frame(state);
  Bus bus(cartridge_, settings_, format_, height_, state, frames, inputs);
  run_cpu(bus, kMaxInstructionsPerFrame);
  bus.tia().end_frame();
}

/// False when the reference must run the frame, or the rest of it.
bool Console::run_frame_fast(ConsoleState& state, FrameBuffers* frames, const Inputs& inputs) const noexcept {
  if (fast_core_ == nullptr || state.tia.partial_frame || state.cpu.jammed) return false;
  begin_frame(state);
  std::uint8_t* pixels = frames != nullptr ? frames->pixels[state.current_buffer].data() : nullptr;
  return fast_core_->run_frame(state, read_ports(settings_, inputs), pixels);
}

std::span<const std::uint8_t> Console::screen(const ConsoleState& state,
                                              const FrameBuffers& frames) const noexcept {
  const auto& pixels = frames.pixels[state.current_buffer];
  return {pixels.data(), static_cast<std::size_t>(height_) * kScreenWidth};
}

std::span<const std::uint8_t, kRamSize> Console::ram(const ConsoleState& state) noexcept {
  return state.ram;
}

bool Console::accepts(const ConsoleState& state) const noexcept {
  const TiaState& tia = state.tia;
  const std::size_t num_slices =
      std::max<std::size_t>(cartridge_.rom.size() / cartridge_bank_bytes(cartridge_.type), 1);
  const auto in_line = [](int x) { return x >= 0 && x < kScreenWidth; };
  const int pixels_of_line =
      std::clamp(kScreenWidth - tia.clocks_to_end_of_line, 0, kScreenWidth) % kScreenWidth;
  return state.current_buffer < 2 && state.riot.interval_shift <= 10 && state.riot.timer <= 0xFF &&
         tia.playfield <= 0xFFFFF && tia.clocks_to_end_of_line >= 0 &&
         tia.clocks_to_end_of_line <= kLineClocks && tia.pixels_drawn >= 0 &&
         tia.pixels_drawn % kScreenWidth == pixels_of_line &&
         std::all_of(tia.position.begin(), tia.position.end(), in_line) &&
         std::all_of(tia.motion.begin(), tia.motion.end(), [](int motion) { return motion < 16; }) &&
         std::all_of(state.cartridge.slice.begin(), state.cartridge.slice.end(),
                     [&](std::size_t slice) { return slice < num_slices; }) &&
         (cartridge_.type != CartridgeType::E0 || state.cartridge.slice[3] == num_slices - 1) &&
         std::all_of(state.cartridge.dpc_counter.begin(), state.cartridge.dpc_counter.end(),
                     [](int counter) { return counter <= 0x7FF; });
}

void Console::poke_ram(ConsoleState& state, int index, std::uint8_t value) noexcept {
  QUERN_ASSERT(index >= 0 && index < kRamSize);
  state.ram[static_cast<std::size_t>(index)] = value;
}

}  // namespace quern::atari
