#!/usr/bin/env python3
"""The same network trained on our tiles and on those of aihwkit's C++ core, with equal parameters.

usage: bench/train_against_aihwkit.py --build DIR --driver PROGRAM [--seeds N] [--samples N] CONFIG DATA_FOLDER [KEY=VALUE ...]
  --build    the build directory that holds train_tiles
  --driver   the aihwkit_train that bench/peers/build_aihwkit made
  --samples  of an epoch, the first of its order; 0: all

Prints for each epoch the mean test accuracy of both over seeds 1 to N with its standard error, their difference in standard
errors, and the CPU seconds of the training.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
from pathlib import Path


def train(program, options, seed):
    command = [program, options.config, options.data, options.samples, *options.settings, f"seed={seed}"]
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False, text=True)
    if done.returncode != 0:
        sys.exit(f"error: {program}: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def mean_and_error(values):
    return statistics.mean(values), statistics.stdev(values) / math.sqrt(len(values))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--driver", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=0)
    parser.add_argument("config", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("settings", nargs="*", metavar="KEY=VALUE")
    options = parser.parse_args()
    if options.seeds < 2:
        parser.error("--seeds must be at least 2: one run has no standard error")
    runs = {"quern": [], "aihwkit": []}
    for seed in range(1, options.seeds + 1):
        runs["quern"].append(train(options.build / "train_tiles", options, seed))
        runs["aihwkit"].append(train(options.driver, options, seed))
    print("epoch   quern, test %    aihwkit, test %   difference in errors   quern CPU s   aihwkit CPU s   ratio")
    for epoch in range(len(runs["quern"][0])):
        ours, peers = ([run[epoch] for run in runs[who]] for who in ("quern", "aihwkit"))
        (mine, my_error), (theirs, their_error) = (mean_and_error([line["test"] for line in side]) for side in (ours, peers))
        error = math.hypot(my_error, their_error)
        seconds = [statistics.mean(line["cpu_s"] for line in side) for side in (ours, peers)]
        print(f"{epoch + 1:5}   {mine:6.2f} +- {my_error:4.2f}   {theirs:6.2f} +- {their_error:4.2f}"
              f"{(mine - theirs) / error if error else 0:+23.1f}{seconds[0]:14.2f}{seconds[1]:16.2f}{seconds[1] / seconds[0]:8.1f}")


if __name__ == "__main__":
    main()
