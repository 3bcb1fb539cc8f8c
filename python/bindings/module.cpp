// The Python module quern._quern.

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "games_src/free_game.h"
#include "python/bindings/ale_interface.h"
#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/games/rom_finder.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace quern::python {
namespace {

constexpr std::size_t kMaxRomBytes = 64 * 1024;

using Bytes = nb::ndarray<std::uint8_t, nb::c_contig, nb::device::cpu>;
template <typename... Shape>
using Array = nb::ndarray<nb::numpy, std::uint8_t, Shape...>;

/// A new numpy array of the shape, filled by fill(span).
template <typename Fill>
nb::ndarray<nb::numpy, std::uint8_t> new_array(std::initializer_list<std::size_t> shape, const Fill& fill) {
  std::size_t size = 1;
  for (const std::size_t extent : shape) size *= extent;
  auto* data = new std::uint8_t[size];
  const nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<std::uint8_t*>(p); });
  fill(std::span(data, size));
  return {data, shape, owner};
}

/// Into the caller's array, which must hold as many bytes.
template <typename Fill>
void fill_array(const char* name, const Bytes& out, std::size_t size, const Fill& fill) {
  if (out.size() != size) {
    throw nb::value_error(
        fmt::format("{}: the array must hold {} bytes, got {}", name, size, out.size()).c_str());
  }
  fill(std::span(out.data(), size));
}

void copy_to(std::span<const std::uint8_t> from, std::span<std::uint8_t> to) {
  std::copy(from.begin(), from.end(), to.begin());
}

std::vector<std::string> numbers_to_names(const std::vector<games::Action>& actions) {
  std::vector<std::string> names;
  for (const games::Action action : actions) names.emplace_back(games::action_name(action));
  return names;
}

std::vector<int> numbers(const games::ActionSet& set) {
  std::vector<int> out;
  for (const games::Action action : set.to_vector()) out.push_back(static_cast<int>(action));
  return out;
}

void bind_state(nb::module_& m) {
  nb::class_<AleState>(m, "ALEState",
                       "A saved state of an ALEInterface: exact, screen included; can be pickled.")
      .def(
          "equals", [](const AleState& a, const AleState& b) { return a == b; }, "other"_a)
      .def(
          "__eq__", [](const AleState& a, const AleState& b) { return a == b; }, nb::is_operator())
      .def("getFrameNumber", [](const AleState& s) { return s.snapshot.env.frame_number; })
      .def("getEpisodeFrameNumber", [](const AleState& s) { return s.snapshot.env.episode_frame_number; })
      .def("getDifficulty", [](const AleState& s) { return s.snapshot.env.difficulty; })
      .def("getCurrentMode", [](const AleState& s) { return s.snapshot.env.mode; })
      .def(
          "serialize",
          [](const AleState& s) {
            const std::string bytes = pack_state(s);
            return nb::bytes(bytes.data(), bytes.size());
          },
          "Bytes for this build of Quern; ALEState(bytes) reads them.")
      .def("__init__",
           [](AleState* s, const nb::bytes& bytes) {
             new (s) AleState(unpack_state({static_cast<const char*>(bytes.data()), bytes.size()}));
           })
      .def("__getstate__",
           [](const AleState& s) {
             const std::string bytes = pack_state(s);
             return nb::bytes(bytes.data(), bytes.size());
           })
      .def("__setstate__", [](AleState& s, const nb::bytes& bytes) {
        new (&s) AleState(unpack_state({static_cast<const char*>(bytes.data()), bytes.size()}));
      });
}

void bind_interface(nb::module_& m) {
  using Self = AleInterface;
  nb::class_<Self>(m, "ALEInterface", "The Arcade Learning Environment's interface; see ale-py.")
      .def(nb::init<>())
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
            s.load(base::read_file(path, kMaxRomBytes), path.stem().string());
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
      .def(
          "getScreen",
          [](const Self& s) {
            return new_array({static_cast<std::size_t>(s.height()), atari::kScreenWidth},
                             [&](std::span<std::uint8_t> out) { copy_to(s.screen(), out); });
          },
          "Palette indices, uint8 [height, 160].")
      .def(
          "getScreen",
          [](const Self& s, const Bytes& buffer) {
            fill_array("getScreen", buffer, s.screen().size(),
                       [&](std::span<std::uint8_t> out) { copy_to(s.screen(), out); });
          },
          "buffer"_a.noconvert())
      .def(
          "getScreenRGB",
          [](const Self& s) {
            return new_array({static_cast<std::size_t>(s.height()), atari::kScreenWidth, 3},
                             [&](std::span<std::uint8_t> out) { s.rgb_screen(out); });
          },
          "uint8 [height, 160, 3]")
      .def(
          "getScreenRGB",
          [](const Self& s, const Bytes& buffer) {
            fill_array("getScreenRGB", buffer, 3 * s.screen().size(),
                       [&](std::span<std::uint8_t> out) { s.rgb_screen(out); });
          },
          "buffer"_a.noconvert())
      .def(
          "getScreenGrayscale",
          [](const Self& s) {
            return new_array({static_cast<std::size_t>(s.height()), atari::kScreenWidth},
                             [&](std::span<std::uint8_t> out) { s.grey_screen(out); });
          },
          "uint8 [height, 160]")
      .def(
          "getScreenGrayscale",
          [](const Self& s, const Bytes& buffer) {
            fill_array("getScreenGrayscale", buffer, s.screen().size(),
                       [&](std::span<std::uint8_t> out) { s.grey_screen(out); });
          },
          "buffer"_a.noconvert())
      .def("getRAMSize", [](const Self&) { return atari::kRamSize; })
      .def(
          "getRAM",
          [](const Self& s) {
            return new_array({atari::kRamSize}, [&](std::span<std::uint8_t> out) { copy_to(s.ram(), out); });
          },
          "uint8 [128]")
      .def(
          "getRAM",
          [](const Self& s, const Bytes& buffer) {
            fill_array("getRAM", buffer, atari::kRamSize,
                       [&](std::span<std::uint8_t> out) { copy_to(s.ram(), out); });
          },
          "buffer"_a.noconvert())
      .def("setRAM", &Self::poke, "memory_index"_a, "value"_a)
      .def("cloneState", &Self::clone, "include_rng"_a = false,
           "The state of console and episode, screen included; with include_rng also the generator of sticky "
           "actions.")
      .def(
          "cloneSystemState", [](const Self& s) { return s.clone(true); }, "cloneState(include_rng=True)")
      .def("restoreState", &Self::restore, "state"_a)
      .def("restoreSystemState", &Self::restore, "state"_a);
}

}  // namespace

NB_MODULE(_quern, m) {
  m.doc() = "Quern's engine.";
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const base::UsageError& error) {
      PyErr_SetString(PyExc_ValueError, error.hint().empty()
                                            ? error.what()
                                            : fmt::format("{} ({})", error.what(), error.hint()).c_str());
    } catch (const base::Error& error) {
      PyErr_SetString(PyExc_RuntimeError, error.hint().empty()
                                              ? error.what()
                                              : fmt::format("{} ({})", error.what(), error.hint()).c_str());
    }
  });
  bind_state(m);
  m.attr("ALEState").attr("__hash__") = nb::none();  // it is compared by value
  bind_interface(m);
  m.def("game_names", [] {
    std::vector<std::string> names;
    for (const games::Game& game : games::all_games()) names.emplace_back(game.name);
    return names;
  });
  m.def("action_names", [] { return numbers_to_names(games::ActionSet::all().to_vector()); });
  m.def(
      "find_roms",
      [](const std::vector<std::filesystem::path>& places) {
        nb::dict found;
        for (const games::FoundRom& rom : games::find_roms(places)) {
          const nb::str name =
              rom.game != nullptr ? nb::str(std::string(rom.game->name).c_str()) : nb::str("");
          if (rom.game != nullptr && !found.contains(name)) found[name] = rom.path;
        }
        return found;
      },
      "places"_a, "The first ROM of each known game in these files and folders, by the game's name.");
}

}  // namespace quern::python
