#include "quern/evolve/explore/restore_point.h"

#include <algorithm>
#include <bit>
#include <concepts>
#include <type_traits>

namespace quern::evolve {
namespace {

// ---- the format ---------------------------------------------------------------------------------------

/// What these functions list must be every member: a new one changes a size here.
static_assert(sizeof(atari::CpuState) == 8 && sizeof(atari::RiotState) == 20 &&
              sizeof(atari::CartridgeState) == 64 && sizeof(games::GameState) == 40);

template <typename Io>
void fields(Io& io, atari::CpuState& s) {
  io(s.pc, s.a, s.x, s.y, s.sp, s.p, s.jammed);
}

template <typename Io>
void fields(Io& io, atari::RiotState& s) {
  io(s.timer, s.interval_shift, s.cycle_when_set, s.cycle_when_read_expired, s.read_after_expiry, s.ddra);
}

template <typename Io>
void fields(Io& io, atari::TiaState& s) {
  io(s.clock_frame_start, s.clock_display_start, s.clock_display_stop, s.clock_drawn, s.clocks_to_end_of_line,
     s.clock_vsync_may_end, s.clock_last_hmove, s.pixels_drawn, s.lines_of_last_frame, s.cycle_dump_off,
     s.partial_frame, s.greyed);
  io(s.vblank, s.ctrlpf, s.nusiz, s.colour, s.playfield, s.grp, s.delayed_grp, s.reflect, s.delay_player,
     s.enable_missile, s.missile_to_player, s.enable_ball, s.delayed_enable_ball, s.delay_ball, s.dump,
     s.motion, s.position, s.collisions);
  io(s.first_copy_hidden, s.playfield_reflected, s.hmove_blank, s.starfield, s.starfield_counter,
     s.missile0_shape);
}

template <typename Io>
void fields(Io& io, atari::CartridgeState& s) {
  io(s.slice, s.dpc_top, s.dpc_bottom, s.dpc_flag, s.dpc_counter, s.dpc_music, s.dpc_random, s.dpc_cycle,
     s.dpc_fractional_clocks);
}

template <typename Io>
void fields(Io& io, games::GameState& s) {
  io(s.score, s.reward, s.lives, s.over, s.started, s.lives_stay, s.mode);
  for (std::int32_t& number : s.memory) io(number);
}

template <typename Io>
void fields(Io& io, RestorePoint& point) {
  io(point.action, point.at_start, point.paddle);
  atari::ConsoleState& s = point.console;
  io(s.ram, s.cycles, s.system_draws, s.data_bus, s.current_buffer);
  bool has_cartridge_ram = std::any_of(s.cartridge_ram.begin(), s.cartridge_ram.end(),
                                       [](std::uint8_t byte) { return byte != 0; });
  io(has_cartridge_ram);
  if (has_cartridge_ram) io(s.cartridge_ram);
  fields(io, s.cpu);
  fields(io, s.riot);
  fields(io, s.tia);
  fields(io, s.cartridge);
  fields(io, point.game);
}

/// The type that a number is written as.
template <typename Value>
auto as_word(Value value) {
  if constexpr (std::is_same_v<Value, bool>) {
    return static_cast<std::uint8_t>(value);
  } else if constexpr (std::is_same_v<Value, double>) {
    return std::bit_cast<std::uint64_t>(value);
  } else if constexpr (std::is_enum_v<Value>) {
    return static_cast<std::underlying_type_t<Value>>(value);
  } else {
    return static_cast<std::make_unsigned_t<Value>>(value);
  }
}

/// Calls Derived::number for every number of its arguments.
template <typename Derived>
struct Fields {
  template <typename... Values>
  void operator()(Values&... values) {
    (one(values), ...);
  }

 private:
  template <typename Value>
  void one(Value& value) {
    static_cast<Derived&>(*this).number(value);
  }
  template <typename Value, std::size_t size>
  void one(std::array<Value, size>& values) {
    for (Value& value : values) one(value);
  }
};

struct Writer : Fields<Writer> {
  std::string bytes;

  template <typename Value>
  void number(const Value& value) {
    const auto word = as_word(value);
    for (std::size_t i = 0; i < sizeof word; ++i)
      bytes.push_back(static_cast<char>(static_cast<std::uint8_t>(std::uint64_t{word} >> (8 * i))));
  }
};

struct Reader : Fields<Reader> {
  std::string bytes;
  std::size_t at = 0;
  bool good = true;

  template <typename Value>
  void number(Value& value) {
    using Word = decltype(as_word(value));
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < sizeof(Word); ++i) word |= std::uint64_t{next()} << (8 * i);
    if constexpr (std::is_same_v<Value, bool>) {
      good = good && word <= 1;
      value = word != 0;
    } else if constexpr (std::is_same_v<Value, double>) {
      value = std::bit_cast<double>(word);
    } else {
      value = static_cast<Value>(static_cast<Word>(word));
    }
  }

 private:
  std::uint8_t next() {
    good = good && at < bytes.size();
    return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at++]) : std::uint8_t{0};
  }
};

}  // namespace

void write_point(run::ByteWriter& out, const RestorePoint& point) {
  Writer writer;
  RestorePoint copy = point;
  fields(writer, copy);
  out.text(writer.bytes);
}

RestorePoint read_point(run::ByteReader& in) {
  Reader reader;
  reader.bytes = in.text();
  RestorePoint point;
  fields(reader, point);
  if (!reader.good || reader.at != reader.bytes.size() ||
      static_cast<unsigned>(point.action) >= static_cast<unsigned>(games::kNumActions)) {
    in.fail("not a state of a console");
  }
  return point;
}

// ---- the traveller ------------------------------------------------------------------------------------

Traveller::Traveller(const envs::AleEnvironment& ale, int frame_skip)
    : ale_(ale),
      frame_skip_(frame_skip),
      now_(ale.loaded_lazy()),
      canvas_(std::make_unique<atari::FrameBuffers>()) {}

void Traveller::restore(const RestorePoint& point, atari::FrameBuffers* canvas) noexcept {
  at_start_ = point.at_start;
  if (at_start_) {
    now_ = ale_.loaded_lazy();
    return;
  }
  now_.console = point.console;
  now_.env.game = point.game;
  now_.env.paddle = point.paddle;
  envs::clear_trail(now_.trail);
  action_ = point.action;
  game_before_ = point.game;
  paddle_before_ = point.paddle;
  ale_.act(now_, point.action, 1, canvas);
}

void Traveller::go_to(const RestorePoint& point) noexcept {
  restore(point, nullptr);
}

Traveller::Step Traveller::decide(games::Action action) noexcept {
  Step step;
  const std::int32_t lives = ale_.lives(now_);
  for (int i = 0; i < frame_skip_ && !step.over; ++i) {
    game_before_ = now_.env.game;
    paddle_before_ = now_.env.paddle;
    step.reward += ale_.act(now_, action, 1, i + 1 == frame_skip_ ? canvas_.get() : nullptr);
    ++step.frames;
    step.over = ale_.game_over(now_);
  }
  action_ = action;
  at_start_ = false;
  step.lost_life = ale_.lives(now_) < lives;
  return step;
}

RestorePoint Traveller::point() const {
  if (at_start_)
    return {.console = now_.console, .game = now_.env.game, .paddle = now_.env.paddle, .at_start = true};
  return {
      .console = now_.trail.ago(0).before, .game = game_before_, .paddle = paddle_before_, .action = action_};
}

std::span<const std::uint8_t> Traveller::screen() noexcept {
  const atari::Console& console = ale_.console();
  if (at_start_) return ale_.screen(ale_.loaded());
  const envs::BegunFrame& last = now_.trail.ago(0);
  if (!last.before.tia.partial_frame && console.whole_frame(now_.console))
    return console.screen(now_.console, now_.trail.draws() ? now_.trail.drawn.front() : *canvas_);
  // What else is in the buffers depends on what was drawn before.
  *canvas_ = {};
  atari::ConsoleState state = last.before;
  console.run_frame(state, *canvas_, last.inputs);
  return console.screen(state, *canvas_);
}

std::span<const std::uint8_t> Traveller::screen_at(const RestorePoint& point) noexcept {
  restore(point, canvas_.get());
  return screen();
}

}  // namespace quern::evolve
