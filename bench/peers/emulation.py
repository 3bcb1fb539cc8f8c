"""Emulation alone, one thread: play_actions (C++) against ale-py's act() called from Python, on the same actions.

Thread CPU time, resets outside both clocks. Both sides must report the same reward, resets, frames and RAM at the end.
"""

import json
import random
import statistics
import subprocess
import time
import zlib

import ale_py
from ale_py import roms
from peers.report import Table

MODES = ["undrawn", "drawn", "reference"]
FRAMES_OF_AN_ACTION = 4


def ale_interface(game):
    ale = ale_py.ALEInterface()
    ale.setFloat("repeat_action_probability", 0.0)
    ale.setInt("random_seed", 0)
    ale.loadROM(roms.get_rom_path(game))
    return ale


def choose_actions(ale, frames, seed):
    rng = random.Random(seed)
    legal = [action.value for action in ale.getMinimalActionSet()]
    return bytes(rng.choices(legal, k=frames // FRAMES_OF_AN_ACTION))


def play_ale(ale, numbers):
    """The counterpart of play() in play_actions.cpp."""
    actions = [ale_py.Action(number) for number in numbers]
    frames_before = ale.getFrameNumber()
    seconds, reward, resets, done = 0.0, 0, 0, 0
    while done < len(actions):
        start = time.thread_time()
        while done < len(actions) and not ale.game_over():
            action = actions[done]
            for _ in range(FRAMES_OF_AN_ACTION):
                reward += ale.act(action)
            done += 1
        seconds += time.thread_time() - start
        if ale.game_over():
            ale.reset_game()
            resets += 1
    return {"cpu_s": seconds, "reward": int(reward), "resets": resets,
            "frames": ale.getFrameNumber() - frames_before, "ram_crc32": zlib.crc32(ale.getRAM().tobytes())}


def play_ours(program, game, mode, numbers):
    done = subprocess.run([program, roms.get_rom_path(game), mode], input=numbers, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{game}, {mode}: {done.stderr.decode().strip()}")
    return json.loads(done.stdout)


def require_same_play(game, plays):
    """Throws where the sides did not do the same work."""
    for what in ("reward", "resets", "frames", "ram_crc32"):
        values = {name: play[what] for name, play in plays.items()}
        if len(set(values.values())) > 1:
            raise RuntimeError(f"{game}: the sides differ in {what}: {values}; no time is comparable")


def measure_round(program, game, frames, seed):
    ale = ale_interface(game)
    actions = choose_actions(ale, frames, seed)
    contestants = [("ale", lambda: play_ale(ale, actions))]
    contestants += [(mode, lambda mode=mode: play_ours(program, game, mode, actions)) for mode in MODES]
    if seed % 2:
        contestants.reverse()
    plays = {name: play() for name, play in contestants}
    require_same_play(game, plays)
    return plays


def summarise(game, rounds, frames):
    def median(value):
        return statistics.median(value(plays) for plays in rounds)

    row = {"game": game}
    for name in ["ale", *MODES]:
        row[f"{name}_us"] = median(lambda plays, name=name: 1e6 * plays[name]["cpu_s"] / frames)
    for mode in MODES:
        row[f"{mode}_ratio"] = median(lambda plays, mode=mode: plays["ale"]["cpu_s"] / plays[mode]["cpu_s"])
    return row | {"rounds": rounds}


def run(build, games, rounds, frames):
    print(f"emulation: microseconds of a frame, and ale-py's time over ours; {frames} frames x {rounds} rounds")
    table = Table({"game": 20, "ale_us": 9, "undrawn_us": 12, "drawn_us": 10, "reference_us": 14, "undrawn_ratio": 15,
                   "drawn_ratio": 13, "reference_ratio": 17})
    rows = []
    for game in games:
        plays = [measure_round(build / "play_actions", game, frames, seed) for seed in range(rounds)]
        rows.append(summarise(game, plays, frames))
        table.print_row(rows[-1])
    table.print_median(rows)
    worst = sorted(rows, key=lambda row: row["undrawn_ratio"])[:5]
    print("smallest undrawn ratios: " + ", ".join(f"{row['game']} {row['undrawn_ratio']:.2f}" for row in worst) + "\n")
    return rows
