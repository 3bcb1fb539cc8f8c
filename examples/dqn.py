"""DQN (Mnih et al. 2015) in one file, on the vector environment.

    pip install . torch ale-py     # ale-py: for its ROMs only
    python examples/dqn.py --game breakout --steps 1000000

Observations are kept as they come: the vector never writes again into an array that somebody holds, so a transition is two
references and costs no copy.
"""

import argparse
import random
import time
from collections import deque

import numpy as np
import quern
import torch
from gymnasium.vector import AutoresetMode
from torch import nn


def make_network(num_actions):
    """The Nature network: uint8 [n, 4, 84, 84] to values [n, num_actions]."""
    return nn.Sequential(
        nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(), nn.Conv2d(64, 64, 3, 1), nn.ReLU(),
        nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, num_actions),
    )


def values(network, observations):
    return network(torch.from_numpy(observations).float() / 255)


class Replay:
    """Transitions (observation, action, reward, next observation, terminated) of all environments, the newest ones."""

    def __init__(self, size):
        self.transitions = deque(maxlen=size)

    def add(self, observations, actions, rewards, following, terminations):
        self.transitions.extend(zip(observations, actions, rewards, following, terminations))

    def sample(self, count):
        chosen = random.sample(self.transitions, count)
        return tuple(np.stack(column) for column in zip(*chosen))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--game", default="breakout")
    parser.add_argument("--envs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--steps", type=int, default=1_000_000, help="of all environments together")
    parser.add_argument("--learning-starts", type=int, default=20_000)
    parser.add_argument("--replay", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    torch.manual_seed(arguments.seed)
    rng = np.random.default_rng(arguments.seed)

    # SAME_STEP: next observations belong to the same episode, the last of one is in final_obs.
    vector = quern.make_vec(arguments.game, arguments.envs, arguments.threads, autoreset_mode=AutoresetMode.SAME_STEP)
    num_actions = int(vector.single_action_space.n)
    network, target = make_network(num_actions), make_network(num_actions)
    target.load_state_dict(network.state_dict())
    optimiser = torch.optim.Adam(network.parameters(), lr=arguments.learning_rate)
    replay = Replay(arguments.replay)
    returns, finished = np.zeros(arguments.envs), deque(maxlen=100)

    observations, _ = vector.reset(seed=arguments.seed)
    start, step = time.monotonic(), 0
    while step < arguments.steps:
        epsilon = max(0.01, 1 - step / (0.1 * arguments.steps))
        with torch.no_grad():
            actions = values(network, observations).argmax(1).numpy()
        explore = rng.random(arguments.envs) < epsilon
        actions = np.where(explore, rng.integers(num_actions, size=arguments.envs), actions)
        next_observations, rewards, terminations, truncations, infos = vector.step(actions)

        following = next_observations
        if "final_obs" in infos:
            following = next_observations.copy()
            ended = infos["_final_obs"]
            following[ended] = infos["final_obs"][ended]
        replay.add(observations, actions, rewards, following, terminations)
        observations = next_observations
        step += arguments.envs

        returns += rewards
        for env in np.flatnonzero(terminations | truncations):
            finished.append(returns[env])
            returns[env] = 0

        if step >= arguments.learning_starts:
            for _ in range(max(1, arguments.envs // 4)):
                old, chosen, gained, new, over = replay.sample(arguments.batch)
                with torch.no_grad():
                    best = values(target, new).max(1).values
                    goal = torch.from_numpy(gained).float() + 0.99 * best * torch.from_numpy(~over)
                value = values(network, old).gather(1, torch.from_numpy(chosen)[:, None]).squeeze(1)
                loss = nn.functional.smooth_l1_loss(value, goal)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
            if step // 10_000 != (step - arguments.envs) // 10_000:
                target.load_state_dict(network.state_dict())
        if step // 5_000 != (step - arguments.envs) // 5_000:
            mean = np.mean(finished) if finished else float("nan")
            print(f"step {step}  episodes' clipped return {mean:.1f}  {step / (time.monotonic() - start):.0f} steps/s", flush=True)
    vector.close()


if __name__ == "__main__":
    main()
