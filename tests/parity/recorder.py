"""Play in ale-py, written down, and the same play in `quern trace`."""

import itertools
import os
import subprocess
import sys
import tempfile
import zlib

try:
    import ale_py
except ImportError:
    ale_py = None

FIELDS = ("reward", "lives", "over", "ram", "screen")


def require_ale():
    """Ends the program when ale-py is absent: as skipped, or in CI as failed."""
    if ale_py is None:
        print("SKIPPED: ale-py is not installed (pip install ale-py==0.12.1), nothing was compared")
        sys.exit(1 if os.environ.get("CI") == "true" else 77)


class Recorder:
    """Plays in ale-py and writes down what was done and what came of it. The file's name says which game it is."""

    def __init__(self, rom, seed=0, sticky=0.0, mode=None, difficulty=None):
        ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
        self.rom = rom
        self.ale = ale_py.ALEInterface()
        self.ale.setInt("random_seed", seed)
        self.ale.setFloat("repeat_action_probability", sticky)
        self.ale.loadROM(str(rom))
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


def random_play(recorder, rng, frames, resets=True):
    """Actions held for 1 to 12 frames, a reset a few frames after every end and, with resets, now and then in mid-play."""
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
        elif resets and rng.random() < 1 / 2500:
            recorder.reset()


def first_difference(quern, recorder, options):
    """None, or a text that says where the traces part."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as actions:
        actions.write("\n".join(recorder.lines) + "\n")
        actions.flush()
        command = [quern, "trace", str(recorder.rom), "--actions", actions.name, *options]
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
