#!/usr/bin/env python3
"""Compares ROM files, of homebrew for instance, in `quern trace` with ale-py: RAM and screen of every frame.

ALE gets each under the name of a game that presses nothing at the start. Actions are random, with resets in mid-play. A ROM
on which ale-py ends or hangs (more than a minute) is not compared, but must end in `quern trace` too. Exit code 0: all that
both play is equal, 1: a difference, or a ROM that only ale-py plays, 77: skipped because ale-py is absent.
"""

import argparse
import concurrent.futures
import multiprocessing
import queue
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from recorder import Recorder, first_difference, random_play, require_ale

DISGUISE = "seaquest"
PATIENCE_S = 60


def record(rom, frames, results):
    recorder = Recorder(rom)
    random_play(recorder, random.Random(0), frames)
    recorder.ale = None
    results.put(recorder)


def record_apart(rom, frames):
    """The recorder after its play, or None when ale-py ended or hung."""
    results = multiprocessing.Queue()
    process = multiprocessing.Process(target=record, args=(rom, frames, results))
    process.start()
    try:
        for _ in range(PATIENCE_S):
            try:
                return results.get(timeout=1)
            except queue.Empty:
                if not process.is_alive():
                    return None
        return None
    finally:
        process.kill()
        process.join()


def compare_rom(job):
    quern, source, frames = job
    with tempfile.TemporaryDirectory() as folder:
        rom = Path(folder) / f"{DISGUISE}.bin"
        shutil.copy(source, rom)
        recorder = record_apart(rom, frames)
        if recorder is None:
            actions = Path(folder) / "actions.txt"
            actions.write_text("1\n" * frames)
            command = [quern, "trace", str(rom), "--as", DISGUISE, "--actions", str(actions)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                return source.name, 0, "hangs", "ale-py and quern end or hang"
            state = f"exit code {done.returncode} {done.stderr.strip()}"
            return source.name, 0, None, f"ale-py ends or hangs; quern: {state}"
        difference = first_difference(quern, recorder, ["--as", DISGUISE])
    screens = len({result[4] for result in recorder.results})
    return source.name, screens, difference, difference or "equal"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quern", required=True, help="the program quern")
    parser.add_argument("--frames", type=int, default=600, help="of each")
    parser.add_argument("roms", nargs="+", type=Path)
    arguments = parser.parse_args()
    require_ale()
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, screens, difference, verdict in pool.map(
                compare_rom, [(arguments.quern, rom, arguments.frames) for rom in arguments.roms]):
            failures += difference is not None
            print(f"{name:<32}{screens:>6} screens  {verdict}", flush=True)
    print(f"{len(arguments.roms) - failures} of {len(arguments.roms)} without a difference over {arguments.frames} frames")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
