// The Python module quern._quern.

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "games_src/free_game.h"
#include "python/bindings/ale_interface.h"
#include "python/bindings/arrays.h"
#include "python/bindings/loaded_game.h"
#include "python/bindings/modules.h"
#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/games/rom_finder.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace quern::python {
namespace {

using Bytes = nb::ndarray<std::uint8_t, nb::c_contig, nb::device::cpu>;

/// Binds name(), a new numpy array of shape(self), and name(buffer), into the caller's array of as many
/// bytes; fill(self, span) writes them.
template <typename Fill>
void def_array(nb::class_<AleInterface>& interface, const char* name, const char* doc,
               Shape (*shape)(const AleInterface&), const Fill& fill) {
  interface.def(
      name,
      [shape, fill](const AleInterface& self) {
        const Shape extents = shape(self);
        auto array = make_array<std::uint8_t>(extents);
        fill(self, std::span(array.data(), array.size()));
        return array;
      },
      doc);
  interface.def(
      name,
      [name, shape, fill](const AleInterface& self, const Bytes& buffer) {
        const std::size_t size = size_of(shape(self));
        if (buffer.size() != size) {
          throw nb::value_error(
              fmt::format("{}: the array must hold {} bytes, got {}", name, size, buffer.size()).c_str());
        }
        fill(self, std::span(buffer.data(), size));
      },
      "buffer"_a.noconvert());
}

Shape screen_shape(const AleInterface& self) {
  return {static_cast<std::size_t>(self.height()), atari::kScreenWidth};
}

void copy_to(std::span<const std::uint8_t> from, std::span<std::uint8_t> to) {
  std::copy(from.begin(), from.end(), to.begin());
}

std::vector<int> numbers(const games::ActionSet& set) {
  std::vector<int> out;
  for (const games::Action action : set.to_vector()) out.push_back(static_cast<int>(action));
  return out;
}

nb::bytes bytes_of(const AleState& state) {
  const std::string bytes = pack_state(state);
  return nb::bytes(bytes.data(), bytes.size());
}

AleState state_of(const nb::bytes& bytes) {
  return unpack_state({static_cast<const char*>(bytes.data()), bytes.size()});
}

void bind_state(nb::module_& m) {
  nb::class_<AleState>(m, "ALEState",
                       "A saved state of an ALEInterface: exact, screen included; can be pickled.")
      .def(
          "equals", [](const AleState& a, const AleState& b) { return a == b; }, "other"_a)
      .def(
          "__eq__", [](const AleState& a, const AleState& b) { return a == b; }, nb::is_operator(),
          nb::sig("def __eq__(self, arg: object, /) -> bool"))
      .def("getFrameNumber", [](const AleState& s) { return s.snapshot.env.frame_number; })
      .def("getEpisodeFrameNumber", [](const AleState& s) { return s.snapshot.env.episode_frame_number; })
      .def("getDifficulty", [](const AleState& s) { return s.snapshot.env.difficulty; })
      .def("getCurrentMode", [](const AleState& s) { return s.snapshot.env.mode; })
      .def("serialize", bytes_of, "Bytes for this build of Quern; ALEState(bytes) reads them.")
      .def("__init__", [](AleState* s, const nb::bytes& bytes) { new (s) AleState(state_of(bytes)); })
      .def("__getstate__", bytes_of)
      .def("__setstate__", [](AleState& s, const nb::bytes& bytes) { new (&s) AleState(state_of(bytes)); });
}

void bind_interface(nb::module_& m) {
  using Self = AleInterface;
  nb::class_<Self> interface(m, "ALEInterface", "The Arcade Learning Environment's interface; see ale-py.");
  interface.def(nb::init<>())
      .def(
          "setInt", [](Self& s, const std::string& name, std::int32_t v) { s.set(name, v); }, "key"_a,
          "value"_a)
      .def(
          "setFloat", [](Self& s, const std::string& name, float v) { s.set(name, v); }, "key"_a, "value"_a)
      .def(
          "setBool", [](Self& s, const std::string& name, bool v) { s.set(name, v); }, "key"_a, "value"_a)
      .def(
          "setString", [](Self& s, const std::string& name, const std::string& v) { s.set(name, v); },
          "key"_a, "value"_a)
      .def(
          "getBool", [](const Self& s, const std::string& n) { return std::get<bool>(s.get(n, 0)); }, "key"_a)
      .def(
          "getInt", [](const Self& s, const std::string& n) { return std::get<std::int32_t>(s.get(n, 1)); },
          "key"_a)
      .def(
          "getFloat", [](const Self& s, const std::string& n) { return std::get<float>(s.get(n, 2)); },
          "key"_a)
      .def(
          "getString", [](const Self& s, const std::string& n) { return std::get<std::string>(s.get(n, 3)); },
          "key"_a)
      .def(
          "loadROM",
          [](Self& s, const std::filesystem::path& path) {
            s.load(base::read_file(path, games::kMaxRomBytes), path.stem().string());
          },
          "rom_file"_a, "Loads a ROM, known by its MD5 or else by the file's name; the settings take effect.")
      .def(
          "load_free_game",
          [](Self& s) {
            const std::span<const std::uint8_t> rom = games::free_game_rom();
            s.load({rom.begin(), rom.end()}, "gleaner");
          },
          "Loads Gleaner, the game that is built in.")
      .def(
          "act", [](Self& s, int action, float strength) { return s.act(action, strength, 1); }, "action"_a,
          "paddle_strength"_a = 1.0F, "frame_skip frames of an action; their reward.")
      .def("act_repeatedly", &Self::act, "action"_a, "paddle_strength"_a, "times"_a,
           "The sum of so many act().")
      .def("reset_game", &Self::reset_game)
      .def("game_over", &Self::game_over, "with_truncation"_a = true)
      .def("game_truncated", &Self::truncated)
      .def("lives", &Self::lives)
      .def("getFrameNumber", &Self::frame_number, "Frames since the ROM was loaded.")
      .def("getEpisodeFrameNumber", &Self::episode_frame_number)
      .def("setMode", &Self::set_mode, "mode"_a, "From the next reset_game on.")
      .def("setDifficulty", &Self::set_difficulty, "difficulty"_a, "From the next frame on.")
      .def("getAvailableModes",
           [](const Self& s) { return std::vector<int>(s.game().modes.begin(), s.game().modes.end()); })
      .def("getAvailableDifficulties",
           [](const Self& s) {
             return std::vector<int>(s.game().difficulties.begin(), s.game().difficulties.end());
           })
      .def("minimal_actions", [](const Self& s) { return numbers(s.game().minimal); })
      .def("legal_actions", [](const Self& s) { return numbers(s.game().legal); })
      .def(
          "getScreenDims", [](const Self& s) { return nb::make_tuple(s.height(), atari::kScreenWidth); },
          "(height, width)")
      .def("getRAMSize", [](const Self&) { return atari::kRamSize; })
      .def("setRAM", &Self::poke, "memory_index"_a, "value"_a)
      .def("cloneState", &Self::clone, "include_rng"_a = false,
           "The state of console and episode, screen included; with include_rng also the generator of sticky "
           "actions.")
      .def(
          "cloneSystemState", [](const Self& s) { return s.clone(true); }, "cloneState(include_rng=True)")
      .def("restoreState", &Self::restore, "state"_a)
      .def("restoreSystemState", &Self::restore, "state"_a);
  def_array(interface, "getScreen", "Palette indices, uint8 [height, 160].", screen_shape,
            [](const Self& s, std::span<std::uint8_t> out) { copy_to(s.screen(), out); });
  def_array(interface, "getScreenGrayscale", "uint8 [height, 160]", screen_shape,
            [](const Self& s, std::span<std::uint8_t> out) { s.grey_screen(out); });
  def_array(
      interface, "getScreenRGB", "uint8 [height, 160, 3]",
      [](const Self& s) {
        return Shape{static_cast<std::size_t>(s.height()), atari::kScreenWidth, 3};
      },
      [](const Self& s, std::span<std::uint8_t> out) { s.rgb_screen(out); });
  def_array(
      interface, "getRAM", "uint8 [128]", [](const Self&) { return Shape{atari::kRamSize}; },
      [](const Self& s, std::span<std::uint8_t> out) { copy_to(s.ram(), out); });
}

/// What Python shows of an error.
std::string text_of(const base::Error& error) {
  return error.hint().empty() ? error.what() : fmt::format("{} ({})", error.what(), error.hint());
}

}  // namespace

NB_MODULE(_quern, m) {
  m.doc() = "Quern's engine.";
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const base::UsageError& error) {
      PyErr_SetString(PyExc_ValueError, text_of(error).c_str());
    } catch (const base::Error& error) {
      PyErr_SetString(PyExc_RuntimeError, text_of(error).c_str());
    }
  });
  bind_state(m);
  m.attr("ALEState").attr("__hash__") = nb::none();  // it is compared by value
  bind_interface(m);
  bind_analog_fit(m);
  bind_analog_run(m);
  bind_analog_tile(m);
  bind_evolution(m);
  bind_vector(m);
  m.def("game_names", [] {
    std::vector<std::string> names;
    for (const games::Game& game : games::all_games()) names.emplace_back(game.name);
    return names;
  });
  m.def(
      "find_roms",
      [](const std::vector<std::filesystem::path>& places) {
        nb::dict found;
        for (const games::FoundRom& rom : games::find_roms(places)) {
          if (rom.game == nullptr) continue;
          const nb::str name(std::string(rom.game->name).c_str());
          if (!found.contains(name)) found[name] = rom.path;
        }
        return found;
      },
      "places"_a, "The first ROM of each known game in these files and folders, by the game's name.");
}

}  // namespace quern::python
