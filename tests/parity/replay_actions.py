#!/usr/bin/env python3
"""Plays the best_actions.json of an exploration in ale-py and compares the score.

usage: tests/parity/replay_actions.py --roms FOLDER FILES...
       tests/parity/replay_actions.py --quern build/release/quern     explores some games first, for a moment each

Exit code 0: every score is the same, 1: a difference (or, in CI, ale-py is absent), 77: skipped because ale-py is absent.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import recorder

# Paddles and joystick, with and without bank switching; random play scores in each within seconds.
GAMES = ("breakout", "ms_pacman", "qbert", "road_runner", "seaquest")
SETTINGS = ["explore.batch=20", "record_every=2", "frames=80000", "explore.search_rounds=2",
            "explore.search_candidates=5", "explore.sample_frames=500"]


def rom_of(md5, folders):
    """The ROM file with this MD5 sum."""
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.bin")):
            if hashlib.md5(path.read_bytes()).hexdigest() == md5:
                return path
    raise SystemExit(f"error: no ROM with MD5 {md5} in {', '.join(map(str, folders))}")


def replay(actions, rom):
    """The score and the frames that ale-py gives for the actions."""
    recorder.ale_py.ALEInterface.setLoggerMode(recorder.ale_py.LoggerMode.Error)
    ale = recorder.ale_py.ALEInterface()
    ale.setInt("random_seed", 0)
    ale.setFloat("repeat_action_probability", actions["repeat_action_probability"])
    ale.setInt("frame_skip", 1)
    ale.loadROM(str(rom))
    score = frames = 0
    for action in actions["actions"]:
        for _ in range(actions["frame_skip"]):
            if ale.game_over():
                break
            score += ale.act(action)
            frames += 1
    return int(score), frames


def check(path, folders):
    """Prints a line; whether ale-py agrees, and on more than nothing."""
    actions = json.loads(Path(path).read_text(encoding="utf-8"))
    score, frames = replay(actions, rom_of(actions["rom_md5"], folders))
    same = (score, frames) == (actions["score"], actions["frames"]) and frames > 0
    print(f"{actions['game']:<20} score {actions['score']} in {actions['frames']} frames, "
          f"ale-py {score} in {frames}: {'same' if same else 'DIFFERENT'}")
    return same


def explore(quern, game, folders, runs):
    """A short exploration; its best_actions.json."""
    words = [quern, "explore", game, "--runs", runs, "--json"]
    for setting in SETTINGS:
        words += ["--set", setting]
    env = {**os.environ, "QUERN_ROMS": ":".join(map(str, folders))}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)["best_actions"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILES", help="best_actions.json of runs")
    parser.add_argument("--roms", action="append", default=[], help="folder with ROMs (default: those of ale-py)")
    parser.add_argument("--quern", help="the program, to explore with first")
    arguments = parser.parse_args()
    recorder.require_ale()
    folders = arguments.roms or [Path(recorder.ale_py.__file__).parent / "roms"]
    if not arguments.files and not arguments.quern:
        parser.error("give files, or --quern")
    same = all([check(path, folders) for path in arguments.files])
    if arguments.quern:
        with tempfile.TemporaryDirectory(prefix="quern-replay-") as runs:
            same = all([check(explore(arguments.quern, game, folders, runs), folders) for game in GAMES]) and same
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
