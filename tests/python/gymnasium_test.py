"""The environments Quern/<Game>-v5 and -NoFrameskip-v4 against ALE's, step by step."""

import os
import pickle
import sys
import unittest

try:
    import ale_py
    import gymnasium
    import numpy as np
    from gymnasium.utils.env_checker import check_env
    from gymnasium.wrappers import AtariPreprocessing

    import quern
    import quern.env
    from quern.registration import environment_name
except ImportError:
    print("SKIPPED: ale-py or gymnasium is not installed, nothing was compared")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

from lengths import FULL, TWENTY, steps

gymnasium.register_envs(ale_py)
GAMES = TWENTY if FULL else ["pong", "breakout", "video_cube", "klax", "adventure", "ms_pacman"]
STEPS = steps(120)


class SameAsAle(unittest.TestCase):
    def compare(self, ours_id, theirs_id, **settings):
        ours, theirs = gymnasium.make(ours_id, **settings), gymnasium.make(theirs_id, **settings)
        self.assertEqual(ours.observation_space, theirs.observation_space)
        self.assertEqual(ours.action_space, theirs.action_space)
        ours.action_space.seed(8)
        self.same_reset(ours, theirs, seed=5)
        for step in range(STEPS):
            action = ours.action_space.sample()
            (sight, *rest), (expected, *others) = ours.step(action), theirs.step(action)
            np.testing.assert_array_equal(sight, expected)
            self.assertEqual(rest, others, f"{ours_id} {settings}, step {step}")
            if rest[1] or rest[2] or step == STEPS // 2:
                self.same_reset(ours, theirs)

    def same_reset(self, ours, theirs, **seed):
        (sight, info), (expected, others) = ours.reset(**seed), theirs.reset(**seed)
        np.testing.assert_array_equal(sight, expected)
        self.assertEqual(info, others)

    def test_v5(self):
        for game in map(environment_name, GAMES):
            self.compare(f"Quern/{game}-v5", f"ALE/{game}-v5")
            if FULL:
                for obs_type in ("grayscale", "ram"):
                    self.compare(f"Quern/{game}-v5", f"ALE/{game}-v5", obs_type=obs_type)

    def test_every_argument(self):
        self.compare("Quern/SpaceInvaders-v5", "ALE/SpaceInvaders-v5", mode=4, difficulty=1)
        self.compare("Quern/Freeway-v5", "ALE/Freeway-v5", obs_type="ram", full_action_space=True)
        self.compare("Quern/Pitfall-v5", "ALE/Pitfall-v5", obs_type="grayscale", frameskip=(2, 5))
        self.compare("Quern/Breakout-v5", "ALE/Breakout-v5", continuous=True, continuous_action_threshold=0.3)
        self.compare("Quern/Seaquest-v5", "ALE/Seaquest-v5", continuous=True, repeat_action_probability=0.0)
        self.compare("Quern/Qbert-v5", "ALE/Qbert-v5", max_num_frames_per_episode=150)

    def test_no_frameskip_v4(self):
        self.compare("Quern/PongNoFrameskip-v4", "PongNoFrameskip-v4")

    def test_preprocessing_works_on_it(self):
        def make(name):
            return AtariPreprocessing(gymnasium.make(name))

        ours, theirs = make("Quern/BreakoutNoFrameskip-v4"), make("BreakoutNoFrameskip-v4")
        self.same_reset(ours, theirs, seed=2)
        for _ in range(STEPS):
            (sight, *rest), (expected, *others) = ours.step(1), theirs.step(1)
            np.testing.assert_array_equal(sight, expected)
            self.assertEqual(rest, others)


class Environment(unittest.TestCase):
    def test_passes_gymnasiums_checker(self):
        for name, settings in (("Pong", {}), ("Gleaner", {"obs_type": "ram"}), ("Breakout", {"continuous": True})):
            check_env(gymnasium.make(f"Quern/{name}-v5", **settings).unwrapped, skip_render_check=True)

    def test_every_game_is_registered(self):
        for game in quern.game_names():
            name = environment_name(game)
            gymnasium.spec(f"Quern/{name}-v5")
            gymnasium.spec(f"Quern/{name}NoFrameskip-v4")

    def test_pickles_as_its_arguments(self):
        environment = gymnasium.make("Quern/Pong-v5", obs_type="ram").unwrapped
        again = pickle.loads(pickle.dumps(environment))
        np.testing.assert_array_equal(again.reset(seed=1)[0], environment.reset(seed=1)[0])

    def test_has_keys_for_people_and_clones(self):
        environment = gymnasium.make("Quern/Pong-v5").unwrapped
        theirs = gymnasium.make("ALE/Pong-v5").unwrapped
        self.assertEqual({tuple(sorted(k)): v for k, v in environment.get_keys_to_action().items()},
                         {tuple(sorted(k)): v for k, v in theirs.get_keys_to_action().items()})
        environment.reset(seed=1)
        state = environment.clone_state(include_rng=True)
        first = [environment.step(2)[0] for _ in range(5)]
        environment.restore_state(state)
        np.testing.assert_array_equal(first, [environment.step(2)[0] for _ in range(5)])

    def test_refuses_what_makes_no_sense(self):
        for settings, text in (
            ({"obs_type": "sound"}, "rgb, grayscale, ram"), ({"frameskip": 0}, "frameskip"),
            ({"frameskip": (3, 3)}, "frameskip"), ({"render_mode": "ansi"}, "render_mode"),
            ({"sound_obs": True}, "no sound"), ({"mode": 99}, "mode of pong"),
            ({"repeat_action_probability": 2.0}, "repeat_action_probability"),
        ):
            with self.assertRaisesRegex(ValueError, text):
                quern.env.AtariEnv("pong", **settings)
        environment = gymnasium.make("Quern/Pong-v5").unwrapped
        environment.close()
        with self.assertRaises(gymnasium.error.ClosedEnvironmentError):
            environment.step(0)


if __name__ == "__main__":
    unittest.main()
