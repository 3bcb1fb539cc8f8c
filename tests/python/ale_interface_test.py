"""quern.ALEInterface against ale_py.ALEInterface: every method that both have."""

import os
import pickle
import random
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import ale_py
    import numpy as np

    import quern
except ImportError:
    print("SKIPPED: ale-py is not installed, nothing was compared")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

ROMS = Path(ale_py.__file__).parent / "roms"


def load(module, game, seed=3, sticky=0.25, **settings):
    ale = module.ALEInterface()
    module.ALEInterface.setLoggerMode(module.LoggerMode.Error)
    ale.setInt("random_seed", seed)
    ale.setFloat("repeat_action_probability", sticky)
    for name, value in settings.items():
        (ale.setBool if isinstance(value, bool) else ale.setInt)(name, value)
    ale.loadROM(str(ROMS / f"{game}.bin"))
    return ale


def sight(ale):
    return (ale.lives(), ale.game_over(), ale.game_over(with_truncation=False), ale.game_truncated(),
            ale.getFrameNumber(), ale.getEpisodeFrameNumber(), ale.getRAM().tobytes(), ale.getScreen().tobytes())


class SameAsAle(unittest.TestCase):
    def both(self, game, **settings):
        return load(quern, game, **settings), load(ale_py, game, **settings)

    def play(self, ours, theirs, rng, steps, strength=lambda rng: 1.0):
        for _ in range(steps):
            action, force = rng.randrange(18), strength(rng)
            self.assertEqual(ours.act(action, force), theirs.act(action, force))
            self.assertEqual(sight(ours), sight(theirs))
            if ours.game_over():
                ours.reset_game()
                theirs.reset_game()

    def test_actions_have_ales_names_and_numbers(self):
        self.assertEqual([(action.name, action.value) for action in quern.Action],
                         [(action.name, action.value) for action in ale_py.Action][:18])

    def test_what_a_game_is(self):
        self.assertEqual(set(quern.game_names()) - {"gleaner"}, {path.stem for path in ROMS.glob("*.bin")} -
                         {"combat", "joust", "maze_craze", "warlords"})
        for game in quern.game_names():
            if game == "gleaner":
                continue
            ours, theirs = self.both(game)
            for method in ("getMinimalActionSet", "getLegalActionSet"):
                self.assertEqual([a.value for a in getattr(ours, method)()],
                                 [a.value for a in getattr(theirs, method)()], f"{game} {method}")
            for method in ("getAvailableModes", "getAvailableDifficulties", "getScreenDims"):
                self.assertEqual(list(getattr(ours, method)()), list(getattr(theirs, method)()), f"{game} {method}")
            self.assertEqual(sight(ours), sight(theirs), game)

    def test_frame_skip_limits_of_rewards_and_truncation(self):
        settings = {"frame_skip": 4, "reward_min": -1, "reward_max": 1, "max_num_frames_per_episode": 900}
        for game in ("pong", "ms_pacman", "skiing", "video_cube"):
            self.play(*self.both(game, **settings), random.Random(game), 300)
        for game in ("breakout", "turmoil", "seaquest"):
            self.play(*self.both(game, truncate_on_loss_of_life=True), random.Random(game), 600)

    def test_paddles_turned_by_half(self):
        for game in ("breakout", "pong", "backgammon", "blackjack", "casino", "kaboom"):
            self.play(*self.both(game), random.Random(game), 400, lambda rng: float(np.float32(rng.random())))

    def test_modes_and_difficulties_change_at_the_next_reset_and_frame(self):
        ours, theirs = self.both("space_invaders")
        rng = random.Random(1)
        for mode, difficulty in ((3, 1), (15, 0), (0, 1)):
            for ale in (ours, theirs):
                ale.setMode(mode)
                ale.setDifficulty(difficulty)
            self.play(ours, theirs, rng, 40)
            ours.reset_game()
            theirs.reset_game()
            self.play(ours, theirs, rng, 100)
        self.assertEqual(ours.cloneState().getCurrentMode(), 0)
        self.assertEqual(ours.cloneState().getDifficulty(), 1)

    def test_pictures(self):
        for game in ("frostbite", "klax"):
            ours, theirs = self.both(game)
            self.play(ours, theirs, random.Random(4), 200)
            for method in ("getScreen", "getScreenRGB", "getScreenGrayscale", "getRAM"):
                picture = getattr(ours, method)()
                np.testing.assert_array_equal(picture, getattr(theirs, method)())
                buffer = np.zeros_like(picture)
                getattr(ours, method)(buffer)
                np.testing.assert_array_equal(picture, buffer)
                with self.assertRaises(ValueError):
                    getattr(ours, method)(np.zeros(7, np.uint8))
                fixed = np.zeros_like(picture)
                fixed.setflags(write=False)
                for bad in (picture.astype(np.float32), np.zeros(2 * picture.size, np.uint8)[::2], fixed):
                    with self.assertRaises(TypeError):
                        getattr(ours, method)(bad)

    def test_a_poke_is_seen_at_once(self):
        ours, theirs = self.both("freeway")
        for ale in (ours, theirs):
            ale.setRAM(0x67, 0x12)
        self.assertEqual(sight(ours), sight(theirs))
        self.play(ours, theirs, random.Random(5), 20)


class States(unittest.TestCase):
    def follow(self, ale, seed):
        rng = random.Random(seed)
        seen = [sight(ale)]
        for _ in range(60):
            ale.act(rng.randrange(18))
            seen.append(sight(ale))
        return seen

    def test_a_restored_state_goes_on_as_the_saved_one_screen_included(self):
        for game in ("frostbite", "pitfall2", "darkchambers", "hangman"):
            ale = load(quern, game)
            self.follow(ale, 1)
            state = pickle.loads(pickle.dumps(ale.cloneState(include_rng=True)))
            first = self.follow(ale, 2)
            ale.restoreState(state)
            self.assertEqual(self.follow(ale, 2), first, game)
            other = load(quern, game, seed=99)
            other.restoreSystemState(state)
            self.assertEqual(self.follow(other, 2), first, game)

    def test_the_generator_stays_unless_it_is_asked_for(self):
        ale = load(quern, "pong")
        state = ale.cloneState()
        first = self.follow(ale, 2)
        ale.restoreState(state)
        self.assertEqual(sight(ale), first[0])
        self.assertNotEqual(self.follow(ale, 2), first)

    def test_states_compare_and_survive_as_bytes(self):
        ale = load(quern, "pong")
        a, b = ale.cloneState(), ale.cloneState()
        self.assertTrue(a == b and a.equals(b))
        ale.act(2)
        self.assertFalse(ale.cloneState().equals(a))
        ale.restoreState(a)
        self.assertTrue(ale.cloneState() == a)
        self.assertFalse(a == None or a in [1, "a"])  # noqa: E711
        self.assertTrue(quern.ALEState(a.serialize()).equals(a))
        with self.assertRaisesRegex(RuntimeError, "no state of this build"):
            quern.ALEState(a.serialize()[:-1])
        changed = bytearray(a.serialize())
        changed[2000] ^= 1
        with self.assertRaisesRegex(RuntimeError, "were changed"):
            quern.ALEState(bytes(changed))
        with self.assertRaisesRegex(RuntimeError, "state of pong cannot be restored in freeway"):
            load(quern, "freeway").restoreState(a)

    def test_a_state_of_another_rom_under_the_same_name_is_refused(self):
        state = load(quern, "montezuma_revenge").cloneState()
        with tempfile.TemporaryDirectory() as folder:
            other = Path(folder) / "Seaquest.bin"
            other.write_bytes((ROMS / "pong.bin").read_bytes()[:-1] + b"\0")
            ale = quern.ALEInterface()
            ale.loadROM(other)
            with self.assertRaisesRegex(RuntimeError, "state of montezuma_revenge"):
                ale.restoreState(state)


class Errors(unittest.TestCase):
    def test_name_what_is_wrong_and_what_helps(self):
        ale = quern.ALEInterface()
        cases = [
            (RuntimeError, "loadROM first", lambda: ale.act(0)),
            (RuntimeError, "loadROM first", ale.getScreen),
            (RuntimeError, "loadROM first", ale.cloneState),
            (ValueError, "did you mean 'random_seed'", lambda: ale.setInt("random_sed", 1)),
            (ValueError, "of type float, not int", lambda: ale.setInt("repeat_action_probability", 1)),
            (RuntimeError, "no sound", lambda: ale.setBool("sound_obs", True)),
            (ValueError, "did you mean pong", lambda: ale.loadROM("pongg")),
            (FileNotFoundError, "nowhere.bin", lambda: ale.loadROM("nowhere.bin")),
        ]
        ale_with_game = load(quern, "pong")
        cases += [
            (ValueError, "0..17, got 18", lambda: ale_with_game.act(18)),
            (ValueError, "0..1, got 2", lambda: ale_with_game.act(0, 2.0)),
            (ValueError, "mode of pong must be one of 0 1, got 7", lambda: ale_with_game.setMode(7)),
            (ValueError, "0..127", lambda: ale_with_game.setRAM(128, 0)),
        ]
        for kind, text, action in cases:
            with self.assertRaisesRegex(kind, text):
                action()

    def test_a_rom_that_does_not_load_changes_nothing(self):
        ale = load(quern, "pong")
        before = sight(ale)
        with tempfile.TemporaryDirectory() as folder:
            bad = Path(folder) / "breakout.bin"
            bad.write_bytes(b"\0" * 1000)
            with self.assertRaises(RuntimeError):
                ale.loadROM(bad)
        self.assertEqual(sight(ale), before)

    def test_writes_a_png(self):
        ale = quern.ALEInterface()
        ale.loadROM("gleaner")
        with tempfile.TemporaryDirectory() as folder:
            ale.saveScreenPNG(Path(folder) / "screen.png")
            self.assertTrue((Path(folder) / "screen.png").read_bytes().startswith(b"\x89PNG"))


if __name__ == "__main__":
    unittest.main()
