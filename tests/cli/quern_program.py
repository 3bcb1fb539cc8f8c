"""Runs the program in a folder of its own, for the tests of the command line."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ.get("QUERN", "")


def newest_checkpoint(run):
    folder = os.path.join(run, "checkpoints")
    return os.path.join(folder, max(name for name in os.listdir(folder) if not name.startswith(".")))


def what_must_be_equal(run, others=()):
    """All that the run leaves, without times and speeds; others: files beside those of every run."""
    files = {"checkpoint": os.path.basename(newest_checkpoint(run))}
    for path in ("state.bin", "model.safetensors", "DONE"):
        with open(os.path.join(newest_checkpoint(run), path), "rb") as file:
            files[path] = file.read()
    for path in others:
        with open(os.path.join(run, path), "rb") as file:
            files[path] = file.read()
    with open(os.path.join(run, "metrics.jsonl"), encoding="utf-8") as file:
        files["metrics.jsonl"] = [{key: value for key, value in json.loads(line).items()
                                   if not key.startswith(("time/", "speed/"))} for line in file]
    return files


class ProgramTest(unittest.TestCase):
    """A test with an empty working folder, and no ROMs but those it puts there."""

    def setUp(self):
        if not PROGRAM:
            sys.exit("set QUERN to the program under test")
        self.folder = tempfile.TemporaryDirectory(prefix="quern-test-")
        self.addCleanup(self.folder.cleanup)
        self.env = {**os.environ, "QUERN_ROMS": "", "VIRTUAL_ENV": "", "NO_COLOR": "1"}

    def path(self, *parts):
        return os.path.join(self.folder.name, *parts)

    def start(self, *arguments):
        return subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder.name, env=self.env,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run_quern(self, *arguments, code=0):
        process = self.start(*arguments)
        out, err = process.communicate(timeout=600)
        self.assertEqual(process.returncode, code, f"{arguments}\nstdout: {out}\nstderr: {err}")
        return out, err

    def run_folder(self):
        """The only run directory."""
        (name,) = [n for n in os.listdir(self.path("runs")) if n != "latest" and not n.startswith(".")]
        return self.path("runs", name)
