#!/usr/bin/env python3
"""Compares generated programs (programs.py) in `quern trace` with ale-py: RAM and screen of every frame.

The programs are given to ALE under the names of games that press nothing at the start; the console is that of an
unknown ROM, with two joysticks. Exit code 0: equal, 1: a difference (or, in CI, ale-py is absent), 77: skipped.
"""

import argparse
import collections
import concurrent.futures
import random
import shutil
import sys
import tempfile
from pathlib import Path

from programs import make_program
from recorder import Recorder, first_difference, random_play, require_ale

DISGUISES = ["seaquest", "amidar", "kaboom"]


def compare_program(job):
    quern, seed, frames, keep = job
    kind, rom = make_program(seed)
    disguise = DISGUISES[seed % len(DISGUISES)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{disguise}.bin"
        path.write_bytes(rom)
        recorder = Recorder(path)
        random_play(recorder, random.Random(seed), frames)
        difference = first_difference(quern, recorder, ["--as", disguise])
        if difference and keep:
            shutil.copy(path, Path(keep) / f"{seed}-{disguise}.bin")
    screens = len({result[4] for result in recorder.results})
    return seed, kind, disguise, screens, difference


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quern", required=True, help="the program quern")
    parser.add_argument("--programs", type=int, default=60, help="how many")
    parser.add_argument("--first", type=int, default=0, help="seed of the first one")
    parser.add_argument("--frames", type=int, default=60, help="of each")
    parser.add_argument("--keep", help="folder for the ROMs that differ")
    arguments = parser.parse_args()
    require_ale()
    seeds = range(arguments.first, arguments.first + arguments.programs)
    jobs = [(arguments.quern, seed, arguments.frames, arguments.keep) for seed in seeds]
    compared, screens, failures = collections.Counter(), collections.Counter(), 0
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for seed, kind, disguise, num_screens, difference in pool.map(compare_program, jobs):
            compared[kind] += 1
            screens[kind] += num_screens
            if difference:
                failures += 1
                print(f"program {seed} ({kind}, as {disguise}): {difference}", flush=True)
    for kind in sorted(compared):
        print(f"{kind:<16}{compared[kind]:>6} programs, {screens[kind] / compared[kind]:.0f} different screens each")
    print(f"{arguments.programs - failures} of {arguments.programs} programs equal over {arguments.frames} frames")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
