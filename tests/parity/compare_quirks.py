#!/usr/bin/env python3
"""Compares small programs (quirks/*.asm), one for each oddity of the console, in `quern trace` with ale-py.

Each program says in a comment under which game's name ALE gets it and how many frames it needs to show everything:
`; as seaquest, 240 frames`, with `, 9 resets` if two are not enough. Actions are random, with resets in mid-play. The
console is that of an unknown ROM: two joysticks, HMOVE with its comb. Exit code 0: equal, 1: a difference, a program
whose picture never changes or (in CI) no ale-py, 77: skipped.
"""

import argparse
import collections
import concurrent.futures
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from recorder import Recorder, first_difference, random_play, require_ale

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "quirks"
INCLUDES = [SOURCES, HERE.parents[1] / "games_src"]
NEEDS = re.compile(r"^; as (\w+), (\d+) frames(?:, (\d+) resets)?$", re.MULTILINE)

Result = collections.namedtuple("Result", "name frames screens rams difference")


def assemble(source, rom):
    options = [f"-I{folder}" for folder in INCLUDES]
    done = subprocess.run(["dasm", str(source), "-f3", *options, f"-o{rom}"], capture_output=True, text=True)
    if done.returncode != 0:
        first_lines = "\n".join((done.stdout + done.stderr).splitlines()[:10])
        sys.exit(f"{source.name} does not assemble:\n{first_lines}")


def play(recorder, rng, frames, resets):
    """Resets in the second half: what a reset keeps shows in what follows."""
    random_play(recorder, rng, frames - frames // 2)
    for i in range(resets):
        recorder.reset()
        random_play(recorder, rng, frames // 2 * (i + 1) // resets - frames // 2 * i // resets)


def compare_quirk(job):
    quern, source, frames, keep = job
    needs = NEEDS.search(source.read_text())
    if needs is None:
        sys.exit(f"{source.name} needs a line such as '; as seaquest, 240 frames'")
    disguise, own_frames, resets = needs.groups()
    with tempfile.TemporaryDirectory() as folder:
        rom = Path(folder) / f"{disguise}.bin"
        assemble(source, rom)
        if keep:
            shutil.copy(rom, Path(keep) / f"{source.stem}-{disguise}.bin")
        recorder = Recorder(rom)
        play(recorder, random.Random(source.stem), frames or int(own_frames), int(resets or 2))
        difference = first_difference(quern, recorder, ["--as", disguise])
    screens = len({result[4] for result in recorder.results})
    rams = len({result[3] for result in recorder.results})
    if difference is None and screens == 1:
        difference = "shows nothing: its picture never changes"
    return Result(source.stem, len(recorder.results), screens, rams, difference)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quern", required=True, help="the program quern")
    parser.add_argument("--frames", type=int, help="of each, instead of its own number")
    parser.add_argument("--keep", help="folder for the ROMs")
    parser.add_argument("names", nargs="*", help="which quirks; all of them by default")
    arguments = parser.parse_args()
    sources = sorted(SOURCES.glob("*.asm"))
    unknown = set(arguments.names) - {source.stem for source in sources}
    if unknown:
        sys.exit(f"no such quirk: {', '.join(sorted(unknown))}; they are the files {SOURCES.name}/*.asm")
    if shutil.which("dasm") is None:
        sys.exit("dasm is not on PATH; it assembles the quirks (package dasm of Debian and Homebrew)")
    require_ale()
    jobs = [(arguments.quern, source, arguments.frames, arguments.keep)
            for source in sources if not arguments.names or source.stem in arguments.names]
    width = max(len(job[1].stem) for job in jobs) + 2
    print(f"{'quirk':<{width}}{'frames':>7}{'screens':>9}{'RAMs':>6}")
    failures = 0
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for result in pool.map(compare_quirk, jobs):
            failures += result.difference is not None
            print(f"{result.name:<{width}}{result.frames:>7}{result.screens:>9}{result.rams:>6}  "
                  f"{result.difference or 'equal'}", flush=True)
    print(f"{len(jobs) - failures} of {len(jobs)} quirks equal")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
