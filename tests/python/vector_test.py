"""quern.AtariVectorEnv against ALE's AtariVectorEnv, and what ALE's has not: several games, modes, presets."""

import os
import random
import subprocess
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
from lengths import FULL, TWENTY, steps

STEPS = steps(150)
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
            for offset in range(20) if FULL else (0, 4):
                self.compare(TWENTY[(number + offset) % 20], options, seed=number)


def play(environment, seeds, steps):
    """Observations, rewards and ends of an environment of one, whose actions are a function of the step."""
    observations, _ = environment.reset(seed=seeds)
    story = [observations]
    for step in range(steps):
        action = np.full(environment.num_envs, step % environment.single_action_space.n)
        observations, rewards, terminations, truncations, _ = environment.step(action)
        story.append((observations, rewards, terminations, truncations))
    return story


class Ours(unittest.TestCase):
    def same(self, one, other):
        for a, b in zip(one, other, strict=True):
            for part, expected in zip(a if isinstance(a, tuple) else [a], b if isinstance(b, tuple) else [b], strict=True):
                np.testing.assert_array_equal(part, expected)

    def test_games_and_modes_side_by_side_are_each_as_alone(self):
        games, modes = ["breakout", "pong", "breakout", "gleaner"], [None, 1, 8, None]
        together = play(quern.make_vec(games, mode=modes, full_action_space=True), [4, 5, 6, 7], 60)
        for i, (game, mode) in enumerate(zip(games, modes)):
            alone = play(quern.make_vec(game, 1, mode=mode, full_action_space=True), [4 + i], 60)
            row = [tuple(part[i:i + 1] for part in step) if isinstance(step, tuple) else step[i:i + 1] for step in together]
            self.same(row, alone)
        difficulties = play(quern.make_vec("breakout", 2, difficulty=[0, 1]), [1, 1], 60)
        self.assertFalse(np.array_equal(difficulties[-1][0][0], difficulties[-1][0][1]))

    def test_a_mode_is_that_of_the_single_environment(self):
        single = gymnasium.make("Quern/Breakout-v5", mode=12, difficulty=1, repeat_action_probability=0.0, frameskip=4)
        vector = quern.make_vec("breakout", 1, mode=12, difficulty=1, noop_max=0, use_fire_reset=False, reward_clipping=False)
        vector.reset(seed=3)
        # The single one makes another seed of 3, but without sticky actions and no-ops nothing depends on it.
        single.reset(seed=3)
        for step in range(100):
            action = (1, 2, 3)[step % 3]
            _, rewards, *_, infos = vector.step(np.array([action]))
            _, reward, *_, info = single.step(action)
            self.assertEqual((rewards[0], infos["lives"][0], infos["frame_number"][0]),
                             (reward, info["lives"], info["frame_number"]))

    def test_presets(self):
        self.assertEqual(quern.make_vec("breakout", 1).single_action_space.n, 4)
        machado = quern.make_vec("breakout", 1, preset="machado")
        self.assertEqual(machado.single_action_space.n, 18)
        self.same(play(machado, [1], 80),
                  play(quern.make_vec("breakout", 1, noop_max=0, use_fire_reset=False, reward_clipping=False,
                                      repeat_action_probability=0.25, full_action_space=True), [1], 80))
        with self.assertRaisesRegex(ValueError, "machado"):
            quern.make_vec("breakout", 1, preset="machad")

    def test_async_batches_are_the_same_episodes(self):
        whole = play(quern.make_vec("space_invaders", 5, num_threads=1), 30, 20)
        vector = quern.make_vec("space_invaders", 5, num_threads=3, batch_size=2)
        self.assertEqual(vector.observation_space.shape, (2, 4, 84, 84))
        counts = np.zeros(5, int)
        observations, infos = vector.reset(seed=30)
        while counts.min() < 20:
            for row, env in enumerate(infos["env_id"]):
                if counts[env] <= 20:
                    expected = whole[counts[env]]
                    np.testing.assert_array_equal(observations[row], (expected[0] if counts[env] else expected)[env])
            vector.send(counts[infos["env_id"]] % vector.single_action_space.n)
            counts[infos["env_id"]] += 1
            observations, *_, infos = vector.recv()

    def test_observations_that_are_held_are_never_written_again(self):
        vector = quern.make_vec("pong", 2)
        held = [vector.reset(seed=1)[0]]
        for _ in range(30):
            held.append(vector.step(np.array([2, 3]))[0])
        copies = [observations.copy() for observations in held]
        for _ in range(30):
            vector.step(np.array([3, 2]))
        self.same(held, copies)
        vector.close()
        self.same(held, copies)
        view = held[0][1, -1]
        del held, vector
        np.testing.assert_array_equal(view, copies[0][1, -1])

    def test_copy_false_is_one_buffer(self):
        vector = quern.make_vec("pong", 2, copy=False)
        first = vector.reset(seed=1)[0]
        place, before = first.ctypes.data, first.copy()
        second = vector.step(np.array([2, 3]))[0]
        self.assertEqual(second.ctypes.data, place)
        self.assertFalse(np.array_equal(first, before))

    def test_seeds(self):
        vector = quern.make_vec("space_invaders", 3)
        by_number, _ = vector.reset(seed=10)
        by_list, _ = vector.reset(seed=[10, 11, 12])
        np.testing.assert_array_equal(by_number, by_list)
        swapped, _ = vector.reset(seed=np.array([12, 11, 10]))
        np.testing.assert_array_equal(swapped, by_number[::-1])
        vector.reset(seed=[None, 11, None])
        self.assertEqual(vector.reset(seed=7, options={"reset_mask": np.array([False, True, False])})[1]["env_id"].tolist(),
                         [0, 1, 2])
        one, other = (quern.make_vec("space_invaders", 16).reset()[0] for _ in range(2))
        self.assertFalse(np.array_equal(one, other), "unseeded environments must not begin alike")

    def test_disabled_autoreset(self):
        vector = quern.make_vec("pong", 2, autoreset_mode=AutoresetMode.DISABLED, max_num_frames_per_episode=8)
        vector.reset(seed=1)
        for _ in range(4):
            observations, _, _, truncations, infos = vector.step(np.array([0, 0]))
        self.assertTrue(truncations.all())
        again, others = vector.reset(options={"reset_mask": np.array([True, False])})
        np.testing.assert_array_equal(again[1], observations[1])
        self.assertEqual(others["frame_number"][1], infos["frame_number"][1])
        self.assertEqual(vector.step(np.array([0, 0]))[3].tolist(), [False, True])

    def test_async_batches_are_answered_one_by_one(self):
        vector = quern.make_vec("pong", 4, batch_size=2, num_threads=1)
        vector.reset(seed=1)
        with self.assertRaisesRegex(RuntimeError, "send them first"):
            vector.recv()
        seen = set()
        for _ in range(6):
            vector.send(np.zeros(2, int))
            seen |= set(vector.recv()[4]["env_id"].tolist())
        self.assertEqual(seen, {0, 1, 2, 3})

    def test_a_forked_child_makes_its_own(self):
        vector = quern.make_vec("gleaner", 2)
        vector.reset(seed=1)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                vector.step(np.array([0, 0]))
            except RuntimeError as error:
                code = 0 if "after a fork" in str(error) else 2
            vector.close()
            del vector
            own = quern.make_vec("gleaner", 2)
            own.reset(seed=1)
            own.close()
            os._exit(code)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        vector.step(np.array([0, 0]))

    def test_memory_that_is_short_loses_nothing(self):
        script = """
import resource, numpy as np, quern
vector = quern.make_vec("gleaner", 16, 2, img_height=1024, img_width=1024, grayscale=False)
held = [vector.reset(seed=1)[0]]
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (300 << 20), -1))
try:
    while True:
        held.append(vector.step(np.zeros(16, int))[0])
except MemoryError:
    pass
held.clear()
vector.step(np.zeros(16, int))
try:
    vector.recv()
except RuntimeError as error:
    assert "nothing is under way" in str(error)
print("whole")
"""
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
        self.assertEqual((done.stdout, done.returncode), ("whole\n", 0), done.stderr)

    def test_sticks_of_games_that_lack_fire(self):
        vector = quern.make_vec("skiing", 2, continuous=True, repeat_action_probability=0.0)
        meanings = vector.get_action_meanings()
        def chosen(*stick):
            return meanings[vector._of_sticks(np.array([stick] * 2, np.float32))[0][0]]
        self.assertEqual([chosen(1, 0, 0), chosen(1, np.pi / 2, 0), chosen(1, np.pi, 0), chosen(1, 0, 1), chosen(0, 0, 0)],
                         ["RIGHT", "UP", "LEFT", "NOOP", "NOOP"])

    def test_gymnasium_makes_it(self):
        vector = gymnasium.make_vec("Quern/Pong-v5", num_envs=2, vectorization_mode="vector_entry_point")
        self.assertIsInstance(vector.unwrapped, quern.AtariVectorEnv)
        wrapped = gymnasium.wrappers.vector.RecordEpisodeStatistics(vector)
        wrapped.reset(seed=1)
        self.assertEqual(wrapped.step(wrapped.action_space.sample())[0].shape, (2, 4, 84, 84))
        self.assertEqual(vector.metadata["autoreset_mode"], AutoresetMode.NEXT_STEP)
        plain = gymnasium.make_vec("Quern/PongNoFrameskip-v4", num_envs=2)
        self.assertEqual(plain.single_observation_space.shape, (210, 160, 3))

    def test_bad_arguments_say_what_is_right(self):
        for arguments, text in (
            ({"game": "pongg", "num_envs": 1}, "did you mean pong"),
            ({"game": "pong", "num_envs": 0}, "num_envs must be 1 or more"),
            ({"game": ["pong", "breakout"], "num_envs": 3}, "game must be one value or 3"),
            ({"game": ["pong", "breakout"]}, "full_action_space=True"),
            ({"game": "pong", "num_envs": 2, "batch_size": 3}, r"batch_size must be 0\.\.2"),
            ({"game": "pong", "num_envs": 2, "batch_size": 1, "copy": False}, "reused buffer"),
            ({"game": "pong", "num_envs": 1, "num_threads": -1}, "num_threads"),
            ({"game": "pong", "num_envs": 1, "stack_num": 0}, "stacked pictures"),
            ({"game": "pong", "num_envs": 1, "img_height": 0}, "sides must be"),
            ({"game": "pong", "num_envs": 1, "frameskip": 0}, "frame skip"),
            ({"game": "pong", "num_envs": 1, "repeat_action_probability": 1.5}, "sticky"),
            ({"game": "pong", "num_envs": 1, "mode": 99}, "mode of pong must be one of"),
            ({"game": "pong", "num_envs": 1, "difficulty": -1}, "difficulty must be 0 or more"),
            ({"game": "pong", "num_envs": 1, "autoreset_mode": "Never"}, "Never"),
            ({"game": "pong", "num_envs": 1, "preset": "uber", "grayscale": False}, "grey pictures only"),
            ({"game": "pong", "num_envs": 2, "batch_size": 1, "autoreset_mode": "Disabled"}, "without autoreset"),
        ):
            with self.assertRaisesRegex(ValueError, text, msg=str(arguments)):
                quern.make_vec(**arguments)
        for arguments in ({"frame_skip": 4}, {"mode": 0.5}):
            with self.assertRaises(TypeError):
                quern.make_vec("pong", 1, **arguments)

    def test_bad_calls_say_what_is_right_and_lose_nothing(self):
        vector = quern.make_vec("pong", 2)
        with self.assertRaisesRegex(RuntimeError, "reset the environments first"):
            vector.step(np.array([0, 0]))
        with self.assertRaisesRegex(RuntimeError, "first reset must be of all"):
            vector.reset(options={"reset_mask": np.array([True, False])})
        vector.reset(seed=1)
        for actions, text in ((np.array([0]), "shape"), (np.array([0.0, 1.0]), "integers"), (np.array([0, 6]), r"environment 1 must be 0\.\.5, got 6"),
                              (np.array([[0, 0]]), "shape")):
            with self.assertRaisesRegex(ValueError, text):
                vector.step(actions)
        with self.assertRaisesRegex(RuntimeError, "nothing is under way"):
            vector.recv()
        vector.send([1, 2])
        with self.assertRaisesRegex(RuntimeError, "recv the next one first"):
            vector.send([1, 2])
        vector.recv()
        for large in (np.array([2**32 + 1, 0]), np.array([2**63, 0], np.uint64)):
            with self.assertRaisesRegex(ValueError, r"0\.\.5"):
                vector.send(large)
        for seed in (-1, 2**31 - 1, [2**31, 0]):
            with self.assertRaisesRegex(ValueError, "a seed must be"):
                vector.reset(seed=seed)
        for seed in ("12", [1.5, 2.5], 1.5):
            with self.assertRaises(TypeError):
                vector.reset(seed=seed)
        with self.assertRaisesRegex(ValueError, "one for each of the 2"):
            vector.reset(seed=[1])
        with self.assertRaises(TypeError):
            vector.reset(options={"reset_mask": [True, False]})
        with self.assertRaisesRegex(ValueError, "reset_mask"):
            vector.reset(options={"reset_mask": np.array([True])})
        vector.step(np.array([0, 0]))
        vector.close()
        vector.close()
        for call in (vector.reset, vector.recv, lambda: vector.step(np.array([0, 0]))):
            with self.assertRaises(gymnasium.error.ClosedEnvironmentError):
                call()
        sticks = quern.make_vec("pong", 1, continuous=True)
        sticks.reset(seed=1)
        with self.assertRaisesRegex(ValueError, "paddle strength"):
            sticks.step(np.array([[1.5, 0, 0]], np.float32))


if __name__ == "__main__":
    unittest.main()
