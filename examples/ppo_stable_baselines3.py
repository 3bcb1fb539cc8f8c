"""PPO of Stable-Baselines3 with its usual Atari wrappers, unchanged, on Quern's environments.

    pip install . stable-baselines3 opencv-python-headless ale-py     # ale-py: for its ROMs only
    python examples/ppo_stable_baselines3.py --steps 1000000
"""

import argparse

import quern  # noqa: F401  registers Quern/<Game>NoFrameskip-v4
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_atari_env
from stable_baselines3.common.vec_env import VecFrameStack


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--game", default="Quern/PongNoFrameskip-v4")
    parser.add_argument("--envs", type=int, default=8)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    environments = VecFrameStack(make_atari_env(arguments.game, arguments.envs, seed=arguments.seed), n_stack=4)
    # The hyperparameters of RL Baselines3 Zoo for Atari.
    model = PPO("CnnPolicy", environments, n_steps=128, n_epochs=4, batch_size=256, learning_rate=2.5e-4, clip_range=0.1,
                vf_coef=0.5, ent_coef=0.01, seed=arguments.seed, verbose=1)
    model.learn(arguments.steps)
    environments.close()


if __name__ == "__main__":
    main()
