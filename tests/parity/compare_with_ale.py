#!/usr/bin/env python3
"""Compares `quern trace` with ale-py, line by line: reward, lives, end, CRC-32 of RAM and screen.

For every game: random play from three action seeds, without and with sticky actions, over several episodes and with
resets in mid-play; pokes of the RAM bytes that its rules read; the start in every mode and difficulty.
Exit code 0: equal, 1: a difference (or, in CI, ale-py is absent), 77: skipped because ale-py is absent.
"""

import argparse
import itertools
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

try:
    import ale_py
except ImportError:
    ale_py = None

# The bytes that the rules of a game read (docs/games.md); the pokes go there.
RULE_BYTES = {
    "beam_rider": [0x89, 0x8A, 0x8B, 0x85, 0x8C],
    "breakout": [0xCD, 0xCC, 0xB9],
    "enduro": [0xAB, 0xAC, 0xAD, 0xAF],
    "freeway": [0xE7, 0x96],
    "frostbite": [0xCA, 0xC9, 0xC8, 0xCC, 0xF1],
    "kangaroo": [0xA8, 0xA7, 0xAD],
    "montezuma_revenge": [0x95, 0x94, 0x93, 0xBA, 0xFE],
    "ms_pacman": [0xF8, 0xF9, 0xFA, 0xFB, 0xA7],
    "pong": [0x8D, 0x8E],
    "qbert": [0xDB, 0xDA, 0xD9, 0x88],
    "seaquest": [0xBA, 0xB9, 0xB8, 0xA3, 0xBB],
    "space_invaders": [0xE8, 0xE6, 0xC9, 0x98],
}
TELLING_VALUES = [0x00, 0x01, 0x02, 0x05, 0x09, 0x10, 0x14, 0x15, 0x53, 0x60, 0x7F, 0x80, 0x99, 0xFE, 0xFF]
FIELDS = ("reward", "lives", "over", "ram", "screen")


def rom_path(game):
    return Path(ale_py.__file__).parent / "roms" / f"{game}.bin"


class Recorder:
    """Plays in ale-py and writes down what was done and what came of it."""

    def __init__(self, game, seed=0, sticky=0.0, mode=None, difficulty=None):
        ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
        self.ale = ale_py.ALEInterface()
        self.ale.setInt("random_seed", seed)
        self.ale.setFloat("repeat_action_probability", sticky)
        self.ale.loadROM(str(rom_path(game)))
        if mode is not None:
            self.ale.setMode(mode)
            self.ale.setDifficulty(difficulty)
            self.ale.reset_game()
        self.lines, self.results = [], []

    def over(self):
        return self.ale.game_over()

    def _record(self, line, reward=0):
        self.lines.append(line)
        ram, screen = zlib.crc32(self.ale.getRAM()), zlib.crc32(self.ale.getScreen())
        self.results.append((str(reward), str(self.ale.lives()), str(int(self.over())), f"{ram:08x}", f"{screen:08x}"))

    def act(self, action):
        self._record(str(action), int(self.ale.act(action)))

    def reset(self):
        self.ale.reset_game()
        self._record("reset")

    def poke(self, index, value):
        self.ale.setRAM(index, value)
        self._record(f"poke {index} {value}")


def random_play(recorder, rng, frames):
    """Actions held for 1 to 12 frames, a reset a few frames after every end and now and then in mid-play."""
    action, hold = 0, 0
    for _ in range(frames):
        if hold == 0:
            action, hold = rng.randrange(18), rng.randint(1, 12)
        hold -= 1
        recorder.act(action)
        if recorder.over():
            for _ in range(3):
                recorder.act(rng.randrange(18))
            recorder.reset()
        elif rng.random() < 1 / 2500:
            recorder.reset()


def play_with_pokes(recorder, rng, game, pokes):
    for _ in range(pokes):
        random_play(recorder, rng, rng.randint(1, 30))
        value = rng.choice(TELLING_VALUES) if rng.random() < 0.7 else rng.randrange(256)
        recorder.poke(rng.choice(RULE_BYTES[game]) - 0x80, value)
        for _ in range(3):
            recorder.act(rng.randrange(18))


def first_difference(quern, game, recorder, options):
    """None, or a text that says where the traces part."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as actions:
        actions.write("\n".join(recorder.lines) + "\n")
        actions.flush()
        command = [quern, "trace", str(rom_path(game)), "--actions", actions.name, *options]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return f"exit code {done.returncode}: {done.stderr.strip()}"
    header, *rows = done.stdout.splitlines()
    if header != "frame," + ",".join(FIELDS):
        return f"header is '{header}'"
    for number, (row, expected) in enumerate(itertools.zip_longest(rows, recorder.results)):
        if row is None or expected is None:
            return f"{len(rows)} lines, ALE has {len(recorder.results)}"
        frame, *got = row.split(",")
        if frame != str(number) or tuple(got) != expected:
            fields = ", ".join(f"{f} {g} (ALE {e})" for f, g, e in zip(FIELDS, got, expected) if g != e)
            return f"frame {number} after '{recorder.lines[number]}': {fields}"
    return None


def compare_game(job):
    quern, game, frames, pokes, action_seeds = job
    differences, compared, resets = [], 0, 0

    def check(name, recorder, options):
        nonlocal compared, resets
        compared += len(recorder.lines)
        resets += recorder.lines.count("reset")
        if difference := first_difference(quern, game, recorder, options):
            differences.append(f"{game}, {name}: {difference}")

    for seed, sticky in itertools.product(range(action_seeds), (0.0, 0.25)):
        recorder = Recorder(game, seed, sticky)
        random_play(recorder, random.Random(f"{game} {seed} {sticky}"), frames)
        check(f"seed {seed}, sticky {sticky}", recorder, ["--seed", str(seed), "--sticky", str(sticky)])

    recorder = Recorder(game)
    play_with_pokes(recorder, random.Random(f"{game} pokes"), game, pokes)
    check("pokes", recorder, [])

    starts = 0
    probe = Recorder(game).ale
    for mode, difficulty in itertools.product(probe.getAvailableModes(), probe.getAvailableDifficulties()):
        recorder = Recorder(game, mode=mode, difficulty=difficulty)
        random_play(recorder, random.Random(f"{game} {mode} {difficulty}"), 60)
        check(f"mode {mode}, difficulty {difficulty}", recorder, ["--mode", str(mode), "--difficulty", str(difficulty)])
        starts += 1
    return game, compared, resets, pokes, starts, differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quern", required=True, help="the program quern")
    parser.add_argument("--full", action="store_true", help="10,000 frames a run and 500 pokes instead of 1,500 and 100")
    parser.add_argument("--games", nargs="*", default=sorted(RULE_BYTES), choices=sorted(RULE_BYTES), metavar="GAME")
    arguments = parser.parse_args()
    if ale_py is None:
        print("SKIPPED: ale-py is not installed (pip install ale-py==0.12.1), nothing was compared")
        return 1 if os.environ.get("CI") == "true" else 77

    frames, pokes = (10_000, 500) if arguments.full else (1_500, 100)
    jobs = [(arguments.quern, game, frames, pokes, 3) for game in arguments.games]
    failures = []
    print(f"{'game':<20}{'frames':>9}{'resets':>8}{'pokes':>7}{'starts':>8}  result")
    with multiprocessing.Pool(2) as pool:
        for game, compared, resets, num_pokes, starts, differences in pool.imap(compare_game, jobs):
            verdict = "equal" if not differences else f"{len(differences)} runs differ"
            print(f"{game:<20}{compared:>9}{resets:>8}{num_pokes:>7}{starts:>8}  {verdict}", flush=True)
            failures += differences
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
