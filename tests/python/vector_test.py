"""quern.AtariVectorEnv against ALE's AtariVectorEnv, and what ALE's has not: several games, modes, presets."""

import os
import random
import sys
import unittest

try:
    import gymnasium
    import numpy as np
    from ale_py.vector_env import AtariVectorEnv as AleVectorEnv
    from gymnasium.vector import AutoresetMode
except ImportError:
    print("SKIPPED: ale-py or gymnasium is not installed, nothing was compared")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

import quern

STEPS = int(os.environ.get("QUERN_STEPS", 150))
GAMES = ["breakout", "pong", "seaquest", "ms_pacman", "space_invaders", "beam_rider", "backgammon", "skiing", "adventure", "qbert"]

# Each is compared on games of its own; the names are those of ALE and of Quern.
OPTIONS = [
    {},
    {"autoreset_mode": "SameStep", "frameskip": 3},
    {"img_height": 64, "img_width": 96, "grayscale": False, "stack_num": 1},
    {"img_height": 210, "img_width": 160, "stack_num": 2, "maxpool": False},
    {"img_height": 105, "img_width": 80, "grayscale": False, "stack_num": 3},
    {"frameskip": 1, "noop_max": 0},
    {"frameskip": 2, "noop_max": 1, "use_fire_reset": False},
    {"frameskip": 5, "noop_max": 200, "autoreset_mode": "SameStep"},
    {"episodic_life": True},
    {"life_loss_info": True},
    {"life_loss_info": True, "autoreset_mode": "SameStep", "episodic_life": True},
    {"life_loss_info": True, "autoreset_mode": "SameStep"},
    {"reward_clipping": False, "repeat_action_probability": 0.25},
    {"max_num_frames_per_episode": 101},
    {"max_num_frames_per_episode": 102, "autoreset_mode": "SameStep", "repeat_action_probability": 1 / 3},
    {"full_action_space": True},
    {"continuous": True},
    {"continuous": True, "continuous_action_threshold": 0.1, "repeat_action_probability": 0.1},
    {"img_height": 256, "img_width": 200},
]


class Vector(unittest.TestCase):
    def equal_infos(self, ours, theirs, finals, where):
        for key in ("env_id", "lives", "frame_number", "episode_frame_number"):
            np.testing.assert_array_equal(ours[key], theirs[key], f"{where}: {key}")
        if finals.any():  # ALE leaves the other rows uninitialised, and a lost life alone is no final row
            self.assertIn("final_obs", theirs, where)
            np.testing.assert_array_equal(ours["final_obs"][finals], theirs["final_obs"][finals], f"{where}: final_obs")
            np.testing.assert_array_equal(ours["final_obs"][~finals], 0)
        else:
            self.assertNotIn("final_obs", ours, where)

    def compare(self, game, options, seed, steps=STEPS, num_envs=3):
        ours = quern.make_vec(game, num_envs, num_threads=2, **options)
        theirs = AleVectorEnv(game=game, num_envs=num_envs, num_threads=2, **options)
        self.assertEqual(ours.single_observation_space, theirs.single_observation_space)
        self.assertEqual(ours.single_action_space, theirs.single_action_space)
        theirs.action_space.seed(seed)
        random_generator = random.Random(f"{game} {options} {seed}")
        result, expected = ours.reset(seed=seed), theirs.reset(seed=seed)
        for step in range(steps + 1):
            where = f"{game} {options}, seed {seed}, step {step}"
            np.testing.assert_array_equal(result[0], expected[0], where)
            finals = np.zeros(num_envs, bool)
            if len(result) == 5:
                for ours_part, theirs_part in zip(result[1:4], expected[1:4]):
                    np.testing.assert_array_equal(ours_part, theirs_part, where)
                if options.get("autoreset_mode") == "SameStep":
                    finals = result[4].get("_final_obs", finals)
                    alone = options.get("life_loss_info", False) and not options.get("episodic_life", False)
                    if not alone:
                        np.testing.assert_array_equal(finals, result[2] | result[3], where)
            self.equal_infos(result[-1], expected[-1], finals, where)
            if random_generator.random() < 0.01:
                again = random_generator.choice([None, step])
                mask = np.array([random_generator.random() < 0.5 for _ in range(num_envs)])
                arguments = {"seed": again, "options": {"reset_mask": mask}}
                result, expected = ours.reset(**arguments), theirs.reset(**arguments)
                continue
            actions = theirs.action_space.sample()
            if game in ("skiing", "lost_luggage") and options.get("continuous"):
                actions[:] = 0  # ALE takes a number for a place in the list here; docs/python.md
            result, expected = ours.step(actions), theirs.step(actions)
        ours.close()
        theirs.close()

    def test_every_option_equals_ales_vector_environment(self):
        for number, options in enumerate(OPTIONS):
            for offset in (0, 4):
                self.compare(GAMES[(number + offset) % len(GAMES)], options, seed=number)


if __name__ == "__main__":
    unittest.main()
