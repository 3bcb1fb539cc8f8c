#!/usr/bin/env python3
"""What calls from Python cost beside the C++ tile: microseconds of one vector, CPU time of one core.

usage: bench/python_tile.py --build DIR [--rounds N]
  --build   the build directory that holds analog_bench and the Python package

The work is that of analog_bench (forward, backward, and update of rpu_baseline devices): in C++, from Python in batches of
64 vectors, and from Python vector by vector. The sides take turns; the least of the rounds counts. The vectors are drawn
alike, not the same. Last a layer of digits, 65x10, where a call is short; it has no C++ beside it.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

WORKS = {"784x256": (784, 256, 0.2), "512x512": (512, 512, 1.0), "65x10": (65, 10, 0.5)}  # the last: density of x
PASSES = ("forward", "backward", "update")
VECTORS = 64


def cpp_times(build):
    """By pass and work, with the fastest kernels: they come first."""
    work = "--benchmark_filter=^(forward|backward|update/rpu_baseline)/(784x256|512x512)/"
    done = subprocess.run([build / "analog_bench", work, "--benchmark_format=json"], capture_output=True, check=True, text=True)
    times = {}
    for entry in json.loads(done.stdout)["benchmarks"]:
        parts = entry["name"].split("/")
        times.setdefault((parts[0], parts[-2]), entry["cpu_time"])
    return times


def time_of(call, vectors):
    """Microseconds of one vector."""
    call()
    calls, started = 0, time.process_time()
    while time.process_time() - started < 0.2:
        call()
        calls += 1
    return (time.process_time() - started) / (calls * vectors) * 1e6


def python_times(analog):
    times, dice = {}, np.random.default_rng(1)
    for work, (inputs, outputs, density) in WORKS.items():
        tile = analog.Tile(outputs, inputs)
        tile.weights = dice.normal(0, 0.1, (outputs, inputs)).astype(np.float32)
        x = dice.random((VECTORS, inputs), np.float32) * (dice.random((VECTORS, inputs)) < density)
        x, d = x.astype(np.float32), dice.normal(0, 0.1, (VECTORS, outputs)).astype(np.float32)
        rows = list(zip(x, d))
        calls = {
            "forward": (lambda: tile.forward(x), lambda: [tile.forward(one) for one, _ in rows]),
            "backward": (lambda: tile.backward(d), lambda: [tile.backward(one) for _, one in rows]),
            "update": (lambda: tile.update(x, d, 0.01), lambda: [tile.update(*row, 0.01) for row in rows]),
        }
        for name, (batch, single) in calls.items():
            times[name, work] = (time_of(batch, VECTORS), time_of(single, VECTORS))
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sys.path.insert(0, str(options.build / "python"))
    from quern import analog

    cpp, python = [], []
    for _ in range(options.rounds):
        cpp.append(cpp_times(options.build))
        python.append(python_times(analog))
    print(f"{'':20}{'C++':>9}{'batch':>9}{'one by one':>12}   batch / C++   one by one / C++   a call costs")
    for work in WORKS:
        for name in PASSES:
            batch, single = (min(times[name, work][side] for times in python) for side in (0, 1))
            ours = min((times[name, work] for times in cpp if (name, work) in times), default=None)
            ratios = f"{batch / ours:>14.2f}{single / ours:>19.2f}" if ours else " " * 33
            shown = f"{ours:9.2f}" if ours else " " * 9
            print(f"{name:10}{work:10}{shown}{batch:9.2f}{single:12.2f}{ratios}{single - batch:12.2f} us")


if __name__ == "__main__":
    main()
