"""The preset `dqn` against AtariVectorEnv of ALE 0.12.1, and `machado` against it with Machado's settings: scores,
ends and whole stacks of pictures."""

import os
import random
import subprocess
import sys
import unittest
import zlib
from pathlib import Path

try:
    import ale_py
    import numpy as np
    from ale_py.vector_env import AtariVectorEnv
except ImportError:
    print("SKIPPED: ale-py or gymnasium is not installed, nothing was compared")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

GAMES = ["breakout", "pong", "seaquest", "ms_pacman", "qbert", "space_invaders"]
DECISIONS = 250
MACHADO = {"noop_max": 0, "use_fire_reset": False, "repeat_action_probability": 0.25, "full_action_space": True}


def noop_draw(seed, noop_max):
    """The vector environment's own draw: the first word of a std::mt19937, reduced by multiplication."""
    return int.from_bytes(np.random.RandomState(seed).bytes(4), "little") * noop_max >> 32


class VectorOracle(unittest.TestCase):
    def compare(self, game, preset, seed, noops, **settings):
        environment = AtariVectorEnv(game=game, num_envs=1, reward_clipping=False, **settings)
        rng = random.Random(f"{game} {preset} {seed}")
        actions = [rng.randrange(environment.single_action_space.n) for _ in range(DECISIONS)]
        observation, _ = environment.reset(seed=seed)
        expected = [f"0 0 {zlib.crc32(observation[0].tobytes()):08x}"]
        for action in actions:
            observation, reward, ended, cut, _ = environment.step(np.array([action]))
            if ended[0] or cut[0]:
                break
            expected.append(f"{int(reward[0])} 0 {zlib.crc32(observation[0].tobytes()):08x}")
        environment.close()

        rom = Path(ale_py.__file__).parent / "roms" / f"{game}.bin"
        command = [os.environ["ENVS_TOOL"], "play", str(rom), preset, str(seed), str(noops)]
        text = " ".join(map(str, actions))
        got = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertEqual(got[: len(expected)], expected, f"{game} {preset} {seed}")
        if len(expected) <= DECISIONS:  # ALE's last picture mixes old buffers with new ones
            end = got[len(expected)].split()[:2]
            self.assertEqual(end, [str(int(reward[0])), "1"], f"{game} {preset} {seed}: the end")

    def test_dqn_sees_what_the_vector_environment_shows(self):
        for game in GAMES:
            for seed in (0, 1, 12345):
                self.compare(game, "dqn", seed, noop_draw(seed, 30))

    def test_machado_sees_what_the_vector_environment_shows(self):
        for game in GAMES:
            self.compare(game, "machado", 7, 0, **MACHADO)


if __name__ == "__main__":
    unittest.main()
