#!/usr/bin/env python3
"""Our tiles and aihwkit's C++ core on the same recorded vectors (bench/vector_trace.h), one core, CPU time.

usage: bench/against_aihwkit.py --build DIR --driver NAME=PROGRAM ... [--rounds N] TRACE ...
  --build   the build directory that holds replay_trace
  --driver  an aihwkit_driver that bench/peers/build_aihwkit made, and what to call it: default, tuned

Each trace is replayed in turns, so that all sides meet the same load; the least of the rounds counts. `training` is
forward, backward and update of all layers without backward of the first, whose result nobody needs; `all` has it too.

An OpenBLAS that does not know the processor takes slow loops: OPENBLAS_VERBOSE=2 prints which, OPENBLAS_CORETYPE=SKYLAKEX or
HASWELL chooses others, OPENBLAS_NUM_THREADS=1 keeps it on one core.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

COLUMNS = ["training_us", "all_us", "forward_us", "backward_us", "update_us"]


def replay(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False, text=True)
    if done.returncode != 0:
        sys.exit(f"error: {command[0]}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--driver", action="append", default=[], metavar="NAME=PROGRAM")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("traces", type=Path, nargs="+")
    options = parser.parse_args()
    sides = {"quern": lambda trace: [options.build / "replay_trace", trace, "", "1"]}
    for driver in options.driver:
        name, _, program = driver.partition("=")
        sides[name] = lambda trace, program=program: [program, "replay", trace, "1"]
    sums = {name: dict.fromkeys(COLUMNS, 0.0) for name in sides}
    for trace in options.traces:
        best = {}
        for _ in range(options.rounds):
            for name, command in sides.items():
                times = replay(command(trace))
                before = best.setdefault(name, times)
                best[name] = times | {column: min(before[column], times[column]) for column in COLUMNS}
        ours = best["quern"]
        print(f"{trace.name}: us of a sample; {ours['pulses']:.0f} pulses on {ours['pulsed_synapses']:.0f} synapses a sample")
        print_table(best)
        for name, times in best.items():
            for column in COLUMNS:
                sums[name][column] += times[column]
    if len(options.traces) > 1:
        print("sum of the traces")
        print_table(sums)


def print_table(times_of):
    print("  " + " " * 12 + "".join(f"{column:>13}" for column in COLUMNS) + "   training / ours   all / ours")
    ours = times_of["quern"]
    for name, times in times_of.items():
        ratios = (f"{times[column] / ours[column]:.2f}" for column in ("training_us", "all_us"))
        print(f"  {name:12}" + "".join(f"{times[column]:13.2f}" for column in COLUMNS) + "{:>18}{:>13}".format(*ratios))


if __name__ == "__main__":
    main()
