"""The DQN setting from Python: quern.make_vec against ALE's AtariVectorEnv and EnvPool, at one thread each, and two
threads against one.

The first reset is outside the clock, the resets that the environments make themselves are inside. At one thread the
time is that of the process, since all of them work in a thread of their own; wall time is beside it, because a thread
that waits actively spends CPU time too. With the same seeds ours and ALE's must report the same rewards and ends.
"""

import statistics
import time

import numpy as np
from peers.makers import FRAME_SKIP, MAKERS, has_envpool, missing_envpool
from peers.report import Table

NUM_ENVS = 8
RATIOS = {"ale": ("quern", 1, "ale", 1), "envpool": ("quern", 1, "envpool", 1), "threads": ("quern", 2, "quern", 1),
          "ale_threads": ("ale", 2, "ale", 1)}


def start(maker, game, num_threads):
    environment = MAKERS[maker](game, NUM_ENVS, num_threads)
    if maker == "envpool":
        environment.reset()
    else:
        environment.reset(seed=1)
    return environment


def play(environment, actions):
    cpu, wall = time.process_time(), time.perf_counter()
    reward, ends = 0.0, 0
    for action in actions:
        _, rewards, terminations, truncations, _ = environment.step(action)
        reward += float(rewards.sum())
        ends += int(np.logical_or(terminations, truncations).sum())
    return {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall, "reward": reward, "ends": ends}


def key(maker, num_threads):
    return f"{maker}_{num_threads}"


def measure_round(environments, num_actions, steps, seed):
    rng = np.random.default_rng(seed)
    actions = rng.integers(0, num_actions, (steps, NUM_ENVS), dtype=np.int32)
    order = list(environments)
    if seed % 2:
        order.reverse()
    return {name: play(environments[name], actions) for name in order}


def require_same_play(game, plays):
    outcomes = {name: (one["reward"], one["ends"]) for name, one in plays.items() if not name.startswith("envpool")}
    if len(set(outcomes.values())) > 1:
        raise RuntimeError(f"{game}: the sides differ in (reward, ends): {outcomes}; no time is comparable")


def measure_game(game, rounds, steps, makers):
    threads = {"quern": (1, 2), "ale": (1, 2), "envpool": (1,)}
    environments = {key(maker, n): start(maker, game, n) for maker in makers for n in threads[maker]}
    num_actions = int(environments["quern_1"].single_action_space.n)
    results = []
    for seed in range(rounds):
        results.append(measure_round(environments, num_actions, steps, seed))
        require_same_play(game, results[-1])
    for environment in environments.values():
        environment.close()
    return results


def summarise(game, results, steps):
    frames = steps * NUM_ENVS * FRAME_SKIP
    row = {"game": game}
    for maker in ("quern", "ale", "envpool"):
        if key(maker, 1) in results[0]:
            row[f"{maker}_fps"] = frames / statistics.median(plays[key(maker, 1)]["cpu_s"] for plays in results)
    for name, (a, a_threads, b, b_threads) in RATIOS.items():
        ours, theirs = key(a, a_threads), key(b, b_threads)
        if ours in results[0] and theirs in results[0]:
            for clock in ("cpu", "wall"):
                row[f"{name}_{clock}"] = statistics.median(
                    plays[theirs][f"{clock}_s"] / plays[ours][f"{clock}_s"] for plays in results)
    return row | {"rounds": results}


def run(games, rounds, steps):
    print(f"vector: frames/s of CPU time at one thread, ratios by CPU and by wall time; {NUM_ENVS} environments, "
          f"{steps} steps x {rounds} rounds")
    if (why := missing_envpool()) is not None:
        print(why)
    table = Table({"game": 20, "quern_fps": 11, "ale_fps": 9, "envpool_fps": 13, "ale_cpu": 9, "ale_wall": 10,
                   "envpool_cpu": 13, "envpool_wall": 14, "threads_wall": 14, "ale_threads_wall": 18})
    rows = []
    for game in games:
        makers = ["quern", "ale"] + (["envpool"] if has_envpool(game) else [])
        rows.append(summarise(game, measure_game(game, rounds, steps, makers), steps))
        table.print_row(rows[-1])
    table.print_median(rows)
    print("ale, envpool: their time over ours; threads, ale threads: time with one thread over time with two\n")
    return rows
