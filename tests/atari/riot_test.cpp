#include "quern/atari/riot_impl.h"

#include <gtest/gtest.h>

namespace quern::atari {
namespace {

constexpr std::uint16_t kIntim = 0x284, kInstat = 0x285;

struct TimerTest {
  RiotState riot;
  Ports ports;
  void set(std::uint16_t address, std::uint8_t value, std::uint32_t cycle) {
    riot_write(riot, cycle, address, value);
  }
  int read(std::uint16_t address, std::uint32_t cycle) { return riot_read(riot, ports, cycle, address); }
};

TEST(Riot, TimerCountsIntervalsOfEachSize) {
  const int shifts[] = {0, 3, 6, 10};
  for (int i = 0; i < 4; ++i) {
    TimerTest t;
    t.set(static_cast<std::uint16_t>(0x294 + i), 10, 100);
    const std::uint32_t interval = 1U << shifts[i];
    EXPECT_EQ(t.read(kIntim, 100 + 1), 9) << "one below at once";
    EXPECT_EQ(t.read(kIntim, 100 + interval), 9);
    EXPECT_EQ(t.read(kIntim, 100 + interval + 1), 8);
    EXPECT_EQ(t.read(kIntim, 100 + 10 * interval), 0);
    EXPECT_EQ(t.read(kInstat, 100 + 10 * interval), 0x00);
    EXPECT_EQ(t.read(kInstat, 100 + 10 * interval + 1), 0x80);
  }
}

TEST(Riot, ExpiredTimerCountsCyclesAndItsReadClearsTheFlag) {
  TimerTest t;
  t.set(0x296, 2, 0);  // TIM64T: expires after 128 cycles
  EXPECT_EQ(t.read(kIntim, 129), 0xFF);
  EXPECT_EQ(t.read(kInstat, 129), 0x80) << "-1 does not count as read";
  EXPECT_EQ(t.read(kInstat, 140), 0x80) << "INSTAT itself clears nothing";
  // From the first read at -2 on, ALE goes on counting intervals, less the lateness of that read.
  EXPECT_EQ(t.read(kIntim, 140), (2 - (139 >> 6) - (140 - 128)) & 0xFF);
  EXPECT_EQ(t.read(kInstat, 140), 0x00);
  EXPECT_EQ(t.read(kIntim, 200), (2 - (199 >> 6) - (140 - 128)) & 0xFF);
  t.set(0x294, 5, 300);
  EXPECT_EQ(t.read(kIntim, 303), 2) << "a write begins anew";
}

TEST(Riot, RebasingTheCyclesLeavesTheTimerAlone) {
  TimerTest t;
  t.set(0x295, 30, 1000);
  const int before = t.read(kIntim, 1100);
  riot_rebase_cycles(t.riot, 1100);
  EXPECT_EQ(t.read(kIntim, 0), before);
}

TEST(Riot, ResetSetsTheGivenTimerInIntervalsOf64) {
  TimerTest t;
  riot_reset(t.riot, 25);
  EXPECT_EQ(t.read(kIntim, 64), 24);
  EXPECT_EQ(t.read(kIntim, 65), 23);
}

TEST(Riot, PortsReadInputsAndOnlyTheirDirectionRegisterIsKept) {
  TimerTest t;
  t.ports.swcha = 0xA5;
  t.ports.swchb = 0x3F;
  for (std::uint16_t address = 0x280; address <= 0x283; ++address) t.set(address, 0x77, 0);
  EXPECT_EQ(t.read(0x280, 0), 0xA5);
  EXPECT_EQ(t.read(0x281, 0), 0x77);
  EXPECT_EQ(t.read(0x282, 0), 0x3F);
  EXPECT_EQ(t.read(0x283, 0), 0x00);
}

}  // namespace
}  // namespace quern::atari
