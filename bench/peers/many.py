"""Very many environments of one game, one thread: time to make them, resident memory beside the batch, and time of an
episode's reset. Each measurement has a process of its own."""

import concurrent.futures
import multiprocessing
import resource
import statistics
import time
from pathlib import Path

import numpy as np
from peers.makers import MAKERS, has_envpool, missing_envpool
from peers.report import Table

STEPS_BEFORE_RESET = 10


def resident_bytes():
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def measure(maker, game, num_envs):
    MAKERS[maker](game, 1, 1).reset()  # imports and tables, which do not grow with the environments
    before = resident_bytes()
    start = time.perf_counter()
    environment = MAKERS[maker](game, num_envs, 1)
    made = time.perf_counter()
    observations, _ = environment.reset()
    shown = time.perf_counter()
    rng = np.random.default_rng(0)
    for _ in range(STEPS_BEFORE_RESET):
        environment.step(rng.integers(0, environment.single_action_space.n, num_envs, dtype=np.int32))
    grown = resident_bytes() - before - observations.nbytes
    cpu = time.process_time()
    environment.reset()
    reset_s = time.process_time() - cpu
    environment.close()
    return {"create_s": made - start, "first_batch_s": shown - start, "kb_each": grown / num_envs / 1024,
            "reset_ms": 1e3 * reset_s / num_envs}


def measure_apart(maker, game, num_envs):
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(measure, maker, game, num_envs).result()


def run(game, rounds, num_envs):
    print(f"many: {num_envs} environments of {game}, one thread, {rounds} rounds; first batch: made and reset once")
    if (why := missing_envpool()) is not None:
        print(why)
    makers = ["quern", "ale"] + (["envpool"] if has_envpool(game) else [])
    table = Table({"of": 16, "create_s": 11, "first_batch_s": 15, "kb_each": 11, "reset_ms": 11})
    results = []
    for number in range(rounds):
        results.append({})
        for maker in makers[::-1] if number % 2 else makers:
            results[-1][maker] = measure_apart(maker, game, num_envs)
            table.print_row({"of": maker} | results[-1][maker])
    columns = results[0]["quern"]
    rows = []
    for maker in makers:
        rows.append({"of": maker} | {name: statistics.median(one[maker][name] for one in results) for name in columns})
        if rounds > 1:
            table.print_row(rows[-1] | {"of": f"{maker} (median)"})
    ratios = []
    for maker in makers[1:]:
        ratios.append({"of": f"{maker}/quern"} | {
            name: statistics.median(one[maker][name] / one["quern"][name] for one in results) for name in columns})
        table.print_row(ratios[-1])
    print()
    return {"game": game, "num_envs": num_envs, "medians": rows, "ratios": ratios, "rounds": results}
