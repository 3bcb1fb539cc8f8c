// The replay against the reference: random writes, in random batches, drawn and not, with every kernel.

#include "quern/atari/fast/tia_replay_impl.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <random>
#include <vector>

#include "quern/atari/tia_impl.h"

namespace quern::atari {
namespace {

constexpr std::uint8_t VBLANK = 0x01, NUSIZ0 = 0x04, NUSIZ1 = 0x05, CTRLPF = 0x0A, REFP0 = 0x0B, REFP1 = 0x0C,
                       PF0 = 0x0D, PF2 = 0x0F, RESP0 = 0x10, RESM0 = 0x12, RESM1 = 0x13, RESBL = 0x14,
                       GRP0 = 0x1B, GRP1 = 0x1C, ENAM0 = 0x1D, ENABL = 0x1F, HMP0 = 0x20, HMM0 = 0x22,
                       HMBL = 0x24, VDELP0 = 0x25, VDELBL = 0x27, RESMP0 = 0x28, RESMP1 = 0x29, HMOVE = 0x2A,
                       HMCLR = 0x2B, CXCLR = 0x2C;
constexpr std::uint32_t kLineCycles = 76;

class Random {
 public:
  explicit Random(unsigned seed) : generator_(seed) {}
  unsigned below(unsigned limit) { return static_cast<unsigned>(generator_() % limit); }
  bool one_in(unsigned n) { return below(n) == 0; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(below(256)); }
  template <std::size_t kSize>
  auto of(const int (&choices)[kSize]) {
    return choices[below(kSize)];
  }

 private:
  std::mt19937 generator_;
};

/// Registers mostly as games use them: graphics often, the rest now and then.
std::uint8_t random_register(Random& random) {
  if (random.one_in(3)) return static_cast<std::uint8_t>(random.one_in(2) ? GRP0 : GRP1);
  if (random.one_in(4)) return static_cast<std::uint8_t>(PF0 + random.below(3));
  if (random.one_in(40)) return VBLANK;
  if (random.one_in(40)) return static_cast<std::uint8_t>(random.below(2) == 0 ? 0x03 : 0x19);  // ignored
  for (;;) {
    const auto reg = static_cast<std::uint8_t>(NUSIZ0 + random.below(CXCLR - NUSIZ0 + 1));
    if (reg >= 0x15 && reg <= 0x1A) continue;
    const bool rare = reg == CXCLR || reg == HMOVE || (reg >= RESP0 && reg <= RESBL);
    if (!rare || random.one_in(3)) return reg;
  }
}

std::uint8_t random_value(Random& random, std::uint8_t reg) {
  if (reg == VBLANK) return static_cast<std::uint8_t>((random.one_in(3) ? 0x02 : 0) | (random.byte() & 0x80));
  if (reg == NUSIZ0 || reg == NUSIZ1 || reg == CTRLPF) return random.byte() & 0x37;
  if ((reg == GRP0 || reg == GRP1 || (reg >= PF0 && reg <= PF2)) && random.one_in(3)) return 0;
  return random.byte();
}

/// The writes of a frame: clusters, most of them in the blank; some repeat a cycle.
std::vector<TiaWrite> random_writes(Random& random, std::uint32_t end, std::uint32_t phase, bool apart) {
  std::vector<TiaWrite> writes;
  const unsigned lines_between = 1 + random.below(random.one_in(4) ? 20 : 3);
  const unsigned length = 1 + random.below(random.one_in(2) ? 6 : 20);
  const auto add = [&](std::uint32_t cycle, unsigned reg, unsigned value) {
    writes.push_back({cycle, static_cast<std::uint8_t>(reg), static_cast<std::uint8_t>(value), 0});
  };
  std::uint32_t cycle = random.below(100);
  while (cycle < end) {
    // To the start, or anywhere, of a later line; the line's first cycle is where `phase` puts it.
    const std::uint32_t next = cycle + kLineCycles * random.below(1 + lines_between);
    const std::uint32_t in_line = (next + phase) % kLineCycles;
    const std::uint32_t line_start = next > in_line ? next - in_line : 0;
    cycle = std::max(cycle + 1, line_start + random.below(random.one_in(3) ? kLineCycles : 12));
    if (random.one_in(30)) {  // the starfield, and resets at odd times after HMOVE
      add(cycle, HMM0, 0x70);
      add(cycle + 3, HMOVE, 0);
      add(cycle + 3 + 21, HMM0, 0x60);
      cycle += 30;
    }
    if (random.one_in(20)) {
      const std::uint32_t line = cycle - (cycle + phase) % kLineCycles + kLineCycles;
      const auto [hmove, reset, reg] =
          std::array<std::array<std::uint32_t, 3>, 6>{{{3, 23, RESM0},
                                                       {3, 6, RESM1},
                                                       {2, 20, RESBL},
                                                       {3, 6, RESBL},
                                                       {3, 10, RESBL},
                                                       {3, 9, RESBL}}}[random.below(6)];
      add(line + hmove, HMOVE, 0);
      add(line + reset, reg, 0);
      cycle = line + reset + 3;
    }
    for (unsigned i = 1 + random.below(length); i != 0; --i) {
      const std::uint8_t reg = random_register(random);
      add(cycle, reg, random_value(random, reg));
      cycle += apart ? 3 + random.below(3) : static_cast<unsigned>(random.of({0, 1, 3, 3, 3, 4, 5, 9}));
    }
  }
  return writes;
}

/// What native code need not note: the register has the value already.
bool is_known(const TiaState& tia, const TiaWrite& write, bool lost) {
  const std::uint8_t value = write.value;
  const std::uint8_t colour = static_cast<std::uint8_t>((value & 0xFE) | (lost ? 1 : 0));
  switch (write.reg) {
    case 0x06:
    case 0x07: return tia.colour[write.reg - 4U] == colour;
    case 0x08: return tia.colour[1] == colour;
    case 0x09: return tia.colour[0] == colour;
    case REFP0:
    case REFP1: return tia.reflect[write.reg - REFP0] == ((value & 0x08) != 0);
    case 0x0D: return (tia.playfield & 0xF) == value >> 4U;
    case 0x0E: return (tia.playfield >> 4 & 0xFF) == value;
    case 0x0F: return tia.playfield >> 12 == value;
    case GRP0: return tia.grp[0] == value && tia.delayed_grp[1] == tia.grp[1];
    case GRP1:
      return tia.grp[1] == value && tia.delayed_grp[0] == tia.grp[0] &&
             tia.delayed_enable_ball == tia.enable_ball;
    case ENAM0:
    case 0x1E: return tia.enable_missile[write.reg - ENAM0] == ((value & 0x02) != 0);
    case ENABL: return tia.enable_ball == ((value & 0x02) != 0);
    case HMP0:
    case 0x21:
    case HMM0:
    case 0x23:
    case HMBL: return tia.motion[write.reg - HMP0] == value >> 4;
    case VDELP0:
    case 0x26: return tia.delay_player[write.reg - VDELP0] == ((value & 0x01) != 0);
    case VDELBL: return tia.delay_ball == ((value & 0x01) != 0);
    case HMCLR:
      return std::all_of(tia.motion.begin(), tia.motion.end(), [](int motion) { return motion == 0; });
    case RESMP0:
    case RESMP1: return tia.missile_to_player[write.reg - RESMP0] == ((value & 0x02) != 0);
    default: return false;
  }
}

/// The members that are not replayed, as the reference has them.
TiaState with_rest_of(TiaState replayed, const TiaState& reference) {
  replayed.dump = reference.dump;
  replayed.cycle_dump_off = reference.cycle_dump_off;
  replayed.clock_vsync_may_end = reference.clock_vsync_may_end;
  return replayed;
}

void expect_equal(const TiaState& replayed, const TiaState& reference) {
  EXPECT_EQ(replayed.clock_drawn, reference.clock_drawn);
  EXPECT_EQ(replayed.clocks_to_end_of_line, reference.clocks_to_end_of_line);
  EXPECT_EQ(replayed.pixels_drawn, reference.pixels_drawn);
  EXPECT_EQ(replayed.collisions, reference.collisions);
  EXPECT_EQ(replayed.position, reference.position);
  EXPECT_EQ(replayed.hmove_blank, reference.hmove_blank);
  EXPECT_TRUE(with_rest_of(replayed, reference) == reference);
}

struct Setting {
  unsigned seed;
  bool system_reset = false;  // the first frame goes on after a system reset
};

void replay_frames(const ReplayKernel& kernel, const Setting& setting) {
  Random random(setting.seed);
  ConsoleSettings settings;
  settings.first_line = random.of({34, 34, 26, 0, 40});
  settings.hmove_blanks = !random.one_in(4);
  const int height = random.of({210, 210, 250, 20, 1});
  const TvFormat format = random.one_in(3) ? TvFormat::Pal : TvFormat::Ntsc;

  const auto state = std::make_unique<ConsoleState>();
  const auto frames = std::make_unique<FrameBuffers>();
  const Ports ports{};
  {
    Tia tia(settings, format, height, *state, *frames);
    tia.reset();
  }
  const auto num_pixels = static_cast<std::size_t>(height * kScreenWidth);
  for (int frame = 0; frame < 8; ++frame) {
    if (frame > 0 || !setting.system_reset) {
      begin_tia_frame(*state, settings, format, height);
      state->cycles = 0;
    }
    Tia tia(settings, format, height, *state, *frames);
    const std::uint8_t* reference = frames->pixels[state->current_buffer].data();
    std::vector<std::uint8_t> pixels(reference, reference + num_pixels);
    TiaState drawn = state->tia, undrawn = state->tia;
    TiaReplay drawn_replay(settings, format, height, drawn, pixels.data(), kernel);
    TiaReplay undrawn_replay(settings, format, height, undrawn, nullptr, kernel);

    const auto phase = static_cast<std::uint32_t>(-state->tia.clock_frame_start / 3);
    std::uint32_t end = static_cast<std::uint32_t>(state->tia.clock_display_stop) / 3 + 3;
    const bool early = random.one_in(4);  // in the blank of a line of the picture, mostly
    if (early) end = random.below(end);
    const bool filtered = random.one_in(2);
    const bool lost = format == TvFormat::Pal && (state->tia.lines_of_last_frame & 1) != 0;
    const auto writes = random_writes(random, end, phase, filtered);
    const unsigned batch = random.of({1, 5, 60, 100'000});
    std::vector<TiaWrite> log;
    const auto apply_and_compare = [&] {
      tia.read(0x00, ports);
      drawn_replay.apply(log, state->cycles);
      undrawn_replay.apply(log, state->cycles);
      log.clear();
      expect_equal(drawn, state->tia);
      expect_equal(undrawn, state->tia);
    };
    for (std::size_t i = 0; i < writes.size(); ++i) {
      const TiaWrite& write = writes[i];
      state->cycles = write.cycle;
      if (!filtered || !is_known(state->tia, write, lost)) log.push_back(write);
      tia.write(write.reg, write.value, true);
      if (random.one_in(batch)) {
        // A read comes when no delay of a write that was left out of the log goes on.
        const std::uint32_t next = i + 1 < writes.size() ? writes[i + 1].cycle : write.cycle + 2;
        state->cycles = std::min(write.cycle + (filtered ? 2 : random.below(3)), next);
        apply_and_compare();
        if (testing::Test::HasFailure()) return;
      }
    }
    state->cycles = std::max(state->cycles + 3, end);
    if (early) {
      state->cycles += kLineCycles - (state->cycles + phase) % kLineCycles + random.below(22);
    } else {
      state->cycles += random.below(500);
    }
    apply_and_compare();
    ASSERT_FALSE(testing::Test::HasFailure()) << "frame " << frame;
    EXPECT_TRUE(drawn_replay.may_end_frame() == undrawn_replay.may_end_frame());
    EXPECT_TRUE(early || drawn_replay.may_end_frame());
    if (drawn_replay.may_end_frame()) {
      const auto different = std::mismatch(pixels.begin(), pixels.end(), reference).first - pixels.begin();
      ASSERT_EQ(static_cast<std::size_t>(different), num_pixels)
          << "frame " << frame << ", row " << different / 160 << ", pixel " << different % 160;
    }
    state->tia.partial_frame = false;
    tia.end_frame();
  }
}

class TiaReplayTest : public testing::TestWithParam<const char*> {
 protected:
  const ReplayKernel* kernel() const {
    for (const ReplayKernel* kernel : replay_kernels()) {
      if (std::string_view(kernel->name) == GetParam()) return kernel;
    }
    return nullptr;
  }
};

TEST_P(TiaReplayTest, EqualsTheReferenceOnRandomFrames) {
  if (kernel() == nullptr) GTEST_SKIP() << "this machine has no " << GetParam();
  for (unsigned seed = 0; seed < 700; ++seed) {
    replay_frames(*kernel(), {.seed = seed});
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

TEST_P(TiaReplayTest, EqualsTheReferenceInAFrameThatGoesOnAfterASystemReset) {
  if (kernel() == nullptr) GTEST_SKIP() << "this machine has no " << GetParam();
  for (unsigned seed = 10'000; seed < 10'030; ++seed) {
    replay_frames(*kernel(), {.seed = seed, .system_reset = true});
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, TiaReplayTest, testing::Values("plain", "avx2", "avx512"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace quern::atari
