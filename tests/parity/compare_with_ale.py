#!/usr/bin/env python3
"""Compares `quern trace` with ale-py, line by line: reward, lives, end, CRC-32 of RAM and screen.

For every game: random play from some action seeds, without and with sticky actions, over several episodes and with
resets in mid-play; pokes of the RAM bytes that its rules read; the start in modes and difficulties. --full: from three
action seeds, for longer, and in every mode and difficulty.
Exit code 0: equal, 1: a difference (or, in CI, ale-py is absent), 77: skipped because ale-py is absent.
"""

import argparse
import concurrent.futures
import dataclasses
import itertools
import random
import re
import sys
from pathlib import Path

from recorder import Recorder, ale_py, first_difference, random_play, require_ale

GAMES_PAGE = Path(__file__).parents[2] / "docs" / "games.md"


def rule_bytes():
    """The addresses of RAM that the rules of each game read, from the rows of docs/games.md: there the pokes go."""
    text = GAMES_PAGE.read_text()
    section = text[text.index("## Score, lives, end"):text.index("## Modes and difficulties")]
    games = {}
    for name, row in re.findall(r"^\| (\w+) \|(.*)$", section, re.MULTILINE):
        addresses = {int(a, 16) for place in re.findall(r"\[[^]]*\]|BCD\([^)]*\)", row)
                     for a in re.findall(r"0x([89A-F][0-9A-F])\b", place)}
        for first, last in re.findall(r"0x([89A-F][0-9A-F])\.\.0x([89A-F][0-9A-F])", row):
            addresses |= set(range(int(first, 16), int(last, 16) + 1))
        if addresses:
            games[name] = sorted(addresses)
    return games


RULE_BYTES = rule_bytes()
# Bytes that end a game, or give a reward, only together: single pokes do not meet them.
FACES = range(0xA0, 0xD6)
TOGETHER = {
    "adventure": [{0xB9: 0x12}],
    "backgammon": [dict.fromkeys(range(0x80, 0x9C), 0) | {0x80: 0xF1, 0x8E: 15},  # 15 pieces each off the board
                   dict.fromkeys(range(0x80, 0x9C), 0) | {0x81: 0xF1, 0x8E: 15}],
    "et": [{0xE5: 0xFF, 0x80: 0x08}],
    "ice_hockey": [{0x86: 0, 0x87: 0}],
    "keystone_kapers": [{0x96: 0, 0x88: 0}],
    "pitfall2": [{0xC7: 0x19, 0xC8: 0x90, 0xC9: 0x00}],
    "superman": [{0x9F: 0x40, 0x80: 0xAC, 0x81: 0xF2, 0xE3: 0x10, 0xE2: 0x25}],
    "video_cube": [dict.fromkeys(FACES, 1), dict.fromkeys(range(0xA0, 0xB2), 3), {0xDB: 0xFF}, {0xDB: 0x00}],
}
TELLING_VALUES = [0x00, 0x01, 0x02, 0x05, 0x09, 0x10, 0x14, 0x15, 0x53, 0x60, 0x7F, 0x80, 0x99, 0xFE, 0xFF]


def rom_path(game):
    return Path(ale_py.__file__).parent / "roms" / f"{game}.bin"


def play_with_pokes(recorder, rng, game, pokes):
    for _ in range(pokes):
        random_play(recorder, rng, rng.randint(1, 30))
        value = rng.choice(TELLING_VALUES) if rng.random() < 0.7 else rng.randrange(256)
        recorder.poke(rng.choice(RULE_BYTES[game]) - 0x80, value)
        for _ in range(3):
            recorder.act(rng.randrange(18))


def play_with_bytes_together(recorder, rng, game):
    for _ in range(4):
        for values in TOGETHER.get(game, []):
            random_play(recorder, rng, rng.randint(1, 30))
            for address, value in values.items():
                recorder.poke(address - 0x80, value)
            for _ in range(4):
                recorder.act(0)
            if recorder.over():
                recorder.reset()


@dataclasses.dataclass(frozen=True)
class Lengths:
    """How much of everything is compared for a game."""

    frames: int  # of each run of random play
    runs: tuple  # pairs of action seed and sticky probability
    pokes: int
    start_frames: int  # after each start in a mode and difficulty
    starts: int  # at most so many pairs of mode and difficulty, spread evenly over all


FULL = Lengths(10_000, tuple(itertools.product((0, 1, 2), (0.0, 0.25))), 600, 1_000, 1_000)
SHORT = Lengths(700, ((0, 0.0), (1, 0.25)), 40, 40, 4)


def spread(items, most):
    """At most so many of the items, the first and the last among them."""
    if len(items) <= most:
        return items
    return [items[i * (len(items) - 1) // (most - 1)] for i in range(most)]


@dataclasses.dataclass
class Report:
    game: str
    lines: int = 0
    resets: int = 0
    ends: int = 0
    starts: int = 0
    rewards: set = dataclasses.field(default_factory=set)
    differences: list = dataclasses.field(default_factory=list)

    def compare(self, quern, name, recorder, options):
        self.lines += len(recorder.lines)
        self.resets += recorder.lines.count("reset")
        overs = [result[2] == "1" for result in recorder.results]
        self.ends += sum(now and not before for before, now in zip([False, *overs], overs))
        self.rewards |= {result[0] for result in recorder.results}
        if difference := first_difference(quern, recorder, options):
            self.differences.append(f"{self.game}, {name}: {difference}")


def compare_game(job):
    quern, game, lengths = job
    report = Report(game)
    for seed, sticky in lengths.runs:
        recorder = Recorder(rom_path(game), seed, sticky)
        # Without resets in mid-play the games that end by a clock end too.
        random_play(recorder, random.Random(f"{game} {seed} {sticky}"), lengths.frames, resets=sticky > 0)
        options = ["--seed", str(seed), "--sticky", str(sticky)]
        report.compare(quern, f"seed {seed}, sticky {sticky}", recorder, options)

    recorder = Recorder(rom_path(game))
    play_with_pokes(recorder, random.Random(f"{game} pokes"), game, lengths.pokes)
    play_with_bytes_together(recorder, random.Random(f"{game} together"), game)
    report.compare(quern, "pokes", recorder, [])

    probe = Recorder(rom_path(game)).ale
    starts = spread(list(itertools.product(probe.getAvailableModes(), probe.getAvailableDifficulties())), lengths.starts)
    for mode, difficulty in starts:
        recorder = Recorder(rom_path(game), mode=mode, difficulty=difficulty)
        random_play(recorder, random.Random(f"{game} {mode} {difficulty}"), lengths.start_frames)
        options = ["--mode", str(mode), "--difficulty", str(difficulty)]
        report.compare(quern, f"mode {mode}, difficulty {difficulty}", recorder, options)
    report.starts = len(starts)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quern", required=True, help="the program quern")
    parser.add_argument("--full", action="store_true",
                        help="six runs of 10,000 frames, 600 pokes and every start for 1,000 frames, for each game")
    parser.add_argument("--games", nargs="*", default=sorted(RULE_BYTES), choices=sorted(RULE_BYTES), metavar="GAME")
    arguments = parser.parse_args()
    require_ale()
    jobs = [(arguments.quern, game, FULL if arguments.full else SHORT) for game in arguments.games]
    differences = []
    print(f"{'game':<20}{'lines':>9}{'resets':>8}{'ends':>7}{'rewards':>9}{'starts':>8}  result")
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for report in pool.map(compare_game, jobs):
            verdict = "equal" if not report.differences else f"{len(report.differences)} runs differ"
            print(f"{report.game:<20}{report.lines:>9}{report.resets:>8}{report.ends:>7}{len(report.rewards):>9}"
                  f"{report.starts:>8}  {verdict}", flush=True)
            differences += report.differences
    for difference in differences:
        print(difference)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
