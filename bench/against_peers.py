#!/usr/bin/env python3
"""Quern against ale-py, EnvPool and onnxruntime: in the same run, alternating, several rounds, medians of the rounds' ratios.

    emulation  one frame, one thread: C++ against ale-py's act(), on the same actions
    vector     the DQN setting from Python: against ALE's vector environment and EnvPool
    many       a thousand environments of one game (the first): to make, to keep, to reset
    policy     one decision of the Nature network: against onnxruntime

With no part named, all of them. Ratios are their time over ours: more than 1 is faster than they are.
"""

import argparse
import difflib
import json
import sys
from pathlib import Path

GAMES = ["beam_rider", "breakout", "enduro", "freeway", "frostbite", "kangaroo", "montezuma_revenge", "ms_pacman",
         "pong", "qbert", "seaquest", "space_invaders"]
PARTS = ["emulation", "vector", "many", "policy"]
ROOT = Path(__file__).resolve().parents[1]


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--games", default=",".join(GAMES), metavar="GAME,GAME", help="default: 12 of them")
    parser.add_argument("--all", action="store_true", help="all games that Quern and ale-py have")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=4000, help="of a round of emulation (default: 4000)")
    parser.add_argument("--steps", type=int, default=400, help="of a round of vector (default: 400)")
    parser.add_argument("--envs", type=int, default=1000, help="of many (default: 1000)")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release", help="folder of the build")
    parser.add_argument("--json", type=Path, help="file for everything, every round included")
    arguments = parser.parse_args()
    unknown = [part for part in arguments.parts if part not in PARTS]
    if unknown:
        parser.error(f"unknown part '{unknown[0]}'; there are {', '.join(PARTS)}")
    if min(arguments.rounds, arguments.steps, arguments.envs) < 1 or arguments.frames < 4:
        parser.error("--rounds, --steps and --envs must be 1 or more, --frames 4 or more")
    return arguments


def require_build(build):
    if not (build / "play_actions").is_file() or not (build / "python").is_dir():
        sys.exit(f"error: {build} has no play_actions or no Python package\n"
                 "hint: cmake --preset release -DQUERN_PYTHON=ON && cmake --build build/release, or make bench")
    sys.path.insert(0, str(build / "python"))


def choose_games(arguments):
    import quern
    from ale_py import roms
    there = sorted(set(quern.game_names()) & set(roms.get_all_rom_ids()))
    games = there if arguments.all else arguments.games.split(",")
    for game in games:
        if game not in there:
            near = ", ".join(difflib.get_close_matches(game, there, 3, 0))
            sys.exit(f"error: '{game}' is not a game that both Quern and ale-py have\nhint: the nearest are {near}")
    return games


def main():
    arguments = read_arguments()
    require_build(arguments.build)
    try:
        from ale_py import ALEInterface, LoggerMode
    except ImportError:
        sys.exit("error: ale-py is not installed here: nothing to compare with\nhint: tools/bootstrap --bench")
    ALEInterface.setLoggerMode(LoggerMode.Error)
    from peers import emulation, many, policy, report, vector

    games = choose_games(arguments)
    result = {"machine": report.describe_machine(), "versions": report.describe_versions(),
              "parameters": {name: getattr(arguments, name) for name in ("rounds", "frames", "steps", "envs")}}
    print(f"{result['machine']['cpu']}, {', '.join(result['machine']['instruction_sets'])}")
    print(", ".join(f"{name} {value}" for name, value in result["versions"].items()) + "\n")
    parts = {"emulation": lambda: emulation.run(arguments.build, games, arguments.rounds, arguments.frames),
             "vector": lambda: vector.run(games, arguments.rounds, arguments.steps),
             "many": lambda: many.run(games[0], arguments.rounds, arguments.envs),
             "policy": lambda: policy.run(arguments.build, arguments.rounds)}
    try:
        for part in arguments.parts or PARTS:
            result[part] = parts[part]()
    except RuntimeError as error:
        sys.exit(f"error: {error}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
