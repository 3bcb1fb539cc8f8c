#!/usr/bin/env python3
"""The reference console against ale-py's act(), in the same run, alternating: thread CPU time of a frame under random
minimal actions, an action every four frames, resets outside both clocks. Median of the rounds, then of the games.

    bench/console_against_ale.py --frame-time build/release/frame_time [--frames 8000] [--rounds 5] [--json FILE]
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import time

GAMES = ["beam_rider", "breakout", "enduro", "freeway", "frostbite", "kangaroo", "montezuma_revenge", "ms_pacman",
         "pong", "qbert", "seaquest", "space_invaders"]


def ale_us(rom, frames, seed):
    """Microseconds a frame of ale-py."""
    from ale_py import ALEInterface
    ale = ALEInterface()
    ale.setFloat("repeat_action_probability", 0.0)
    ale.setInt("random_seed", 0)
    ale.loadROM(rom)
    actions = ale.getMinimalActionSet()
    rng = random.Random(seed)
    done, seconds = 0, 0.0
    while done < frames:
        start = time.thread_time()
        while done < frames and not ale.game_over():
            action = rng.choice(actions)
            for _ in range(4):
                ale.act(action)
            done += 4
        seconds += time.thread_time() - start
        ale.reset_game()
    return 1e6 * seconds / frames


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frame-time", required=True)
    parser.add_argument("--frames", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    try:
        from ale_py import ALEInterface, LoggerMode, roms
    except ImportError:
        sys.exit("ale-py is not installed here: nothing to compare with")
    ALEInterface.setLoggerMode(LoggerMode.Error)
    rows = []
    print(f"{'game':<20}{'ale us':>9}{'console us':>12}{'ratio':>8}{'observation us':>16}{'policy us':>11}")
    for game in GAMES:
        rom = str(roms.get_rom_path(game))
        ours, theirs = [], []
        for seed in range(arguments.rounds):
            theirs.append(ale_us(rom, arguments.frames, seed))
            out = subprocess.run([arguments.frame_time, rom, str(arguments.frames), str(seed)], check=True,
                                 capture_output=True, text=True).stdout
            ours.append(json.loads(out))
        row = {key: statistics.median(one[key] for one in ours) for key in ("console_us", "observation_us", "policy_us")}
        row |= {"game": game, "ale_us": statistics.median(theirs),
                "ratio": statistics.median(a / one["console_us"] for a, one in zip(theirs, ours))}
        rows.append(row)
        print(f"{game:<20}{row['ale_us']:>9.1f}{row['console_us']:>12.1f}{row['ratio']:>8.2f}"
              f"{row['observation_us']:>16.1f}{row['policy_us']:>11.1f}", flush=True)
    print(f"{'median':<20}{statistics.median(r['ale_us'] for r in rows):>9.1f}"
          f"{statistics.median(r['console_us'] for r in rows):>12.1f}{statistics.median(r['ratio'] for r in rows):>8.2f}"
          f"{statistics.median(r['observation_us'] for r in rows):>16.1f}{statistics.median(r['policy_us'] for r in rows):>11.1f}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
