// The DPC chip of Pitfall II: eight data fetchers over 2 KB of display data, a random register, music.
#include "quern/atari/mapper_impl.h"

namespace quern::atari {
namespace {

constexpr std::uint32_t kDisplayData = 8192;  // in the file, after the program
constexpr double kMusicHz = 15750.0;
constexpr double kCpuHz = 1193191.66666667;  // ALE's value
constexpr std::array<std::uint8_t, 8> kAmplitude = {0, 4, 5, 9, 6, 10, 11, 15};

constexpr double music_clocks(std::int32_t cycles) noexcept {
  return kMusicHz * cycles / kCpuHz;
}
/// Of the cycles between two reads, which are few while music plays: a division takes long.
constexpr std::array<double, 256> kMusicClocks = [] {
  std::array<double, 256> clocks{};
  for (std::int32_t cycles = 0; cycles < 256; ++cycles)
    clocks[static_cast<std::size_t>(cycles)] = music_clocks(cycles);
  return clocks;
}();

constexpr std::array<std::uint8_t, 256> kNextRandom = [] {
  std::array<std::uint8_t, 256> next{};
  for (unsigned random = 0; random < 256; ++random) {
    const unsigned odd = (random >> 7 ^ random >> 5 ^ random >> 4 ^ random >> 3) & 1U;
    next[random] = static_cast<std::uint8_t>(random << 1 | (odd ^ 1U));
  }
  return next;
}();

}  // namespace

inline void Mapper::clock_dpc_random() noexcept {
  state_.cartridge.dpc_random = kNextRandom[state_.cartridge.dpc_random];
}

inline std::uint8_t Mapper::dpc_amplitude() noexcept {
  CartridgeState& dpc = state_.cartridge;
  const auto cycles = static_cast<std::int32_t>(state_.cycles - dpc.dpc_cycle);
  dpc.dpc_cycle = state_.cycles;
  const auto index = static_cast<std::size_t>(cycles);
  const double clocks =
      (index < kMusicClocks.size() ? kMusicClocks[index] : music_clocks(cycles)) + dpc.dpc_fractional_clocks;
  const int whole_clocks = static_cast<int>(clocks);
  dpc.dpc_fractional_clocks = clocks - whole_clocks;

  unsigned playing = 0;
  for (std::size_t i = 5; i < 8; ++i) {
    if (!dpc.dpc_music[i - 5]) continue;
    if (whole_clocks > 0) {
      const int top = dpc.dpc_top[i];
      int low = 0;
      if (top != 0) {
        const int steps = whole_clocks <= top ? whole_clocks : whole_clocks % (top + 1);
        low = (dpc.dpc_counter[i] & 0xFF) - steps;
        if (low < 0) low += top + 1;
      }
      if (low <= dpc.dpc_bottom[i]) {
        dpc.dpc_flag[i] = 0;
      } else if (low <= top) {
        dpc.dpc_flag[i] = 0xFF;
      }
      dpc.dpc_counter[i] = static_cast<std::uint16_t>((dpc.dpc_counter[i] & 0x700) | low);
    }
    if (dpc.dpc_flag[i] != 0) playing |= 1U << (i - 5);
  }
  return kAmplitude[playing];
}

std::uint8_t Mapper::read_dpc(std::uint32_t offset) noexcept {
  clock_dpc_random();
  if (offset >= 0x40) {
    touch_hot_spot(offset);
    return rom_at(offset);
  }
  CartridgeState& dpc = state_.cartridge;
  const std::size_t i = offset & 7;
  const std::uint16_t counter = dpc.dpc_counter[i];
  if ((counter & 0xFF) == dpc.dpc_top[i]) {
    dpc.dpc_flag[i] = 0xFF;
  } else if ((counter & 0xFF) == dpc.dpc_bottom[i]) {
    dpc.dpc_flag[i] = 0;
  }
  const std::uint8_t display = cartridge_.rom[kDisplayData + 2047U - counter];

  std::uint8_t value = 0;
  switch (offset >> 3) {
    case 0: value = i < 4 ? dpc.dpc_random : dpc_amplitude(); break;
    case 1: value = display; break;
    case 2: value = display & dpc.dpc_flag[i]; break;
    case 7: value = dpc.dpc_flag[i]; break;
    default: break;
  }
  // The amplitude read may have moved the counter.
  if (i < 5 || !dpc.dpc_music[i - 5]) {
    dpc.dpc_counter[i] = static_cast<std::uint16_t>((dpc.dpc_counter[i] - 1) & 0x7FF);
  }
  return value;
}

void Mapper::write_dpc(std::uint32_t offset, std::uint8_t value) noexcept {
  clock_dpc_random();
  if (offset < 0x40 || offset >= 0x80) {
    touch_hot_spot(offset);
    return;
  }
  CartridgeState& dpc = state_.cartridge;
  const std::size_t i = offset & 7;
  std::uint16_t& counter = dpc.dpc_counter[i];
  switch ((offset >> 3) & 7) {
    case 0:
      dpc.dpc_top[i] = value;
      dpc.dpc_flag[i] = 0;
      break;
    case 1: dpc.dpc_bottom[i] = value; break;
    case 2: {
      const bool music = i >= 5 && dpc.dpc_music[i - 5];
      counter = static_cast<std::uint16_t>((counter & 0x700) | (music ? dpc.dpc_top[i] : value));
      break;
    }
    case 3:
      counter = static_cast<std::uint16_t>((value & 7) << 8 | (counter & 0xFF));
      if (i >= 5) dpc.dpc_music[i - 5] = (value & 0x10) != 0;
      break;
    case 6: dpc.dpc_random = 1; break;
    default: break;
  }
}

}  // namespace quern::atari
