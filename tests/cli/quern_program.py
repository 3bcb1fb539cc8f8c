"""Runs the program in a folder of its own, for the tests of the command line."""

import glob
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
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

    def fails(self, *arguments, code, says, hint=""):
        """Nothing on stdout; on stderr, which is returned, an error with all of `says`, and `hint` behind its hint."""
        out, err = self.run_quern(*arguments, code=code)
        self.assertEqual(out, "")
        self.assertTrue(err.splitlines()[0].startswith("error: "), err)
        for text in says:
            self.assertIn(text, err)
        if hint:
            self.assertIn("hint: ", err)
            self.assertIn(hint, err[err.index("hint: "):])
        return err

    def run_folder(self):
        """The only run directory."""
        (name,) = [n for n in os.listdir(self.path("runs")) if n != "latest" and not n.startswith(".")]
        return self.path("runs", name)

    def finish_through_kills(self, start, resume, kills, longest_s, seed):
        """The run of start(), ended `kills` times at random moments, by SIGKILL and now and then by Ctrl-C, and each time
        gone on with by resume(), until it has finished. longest_s: the most between two ends."""
        moments = random.Random(seed)
        process = start()
        killed = 0
        while True:
            try:
                process.wait(timeout=moments.uniform(0.0, longest_s) if killed < kills else 600)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL if killed % 3 else signal.SIGINT)
                killed += 1
            _, err = process.communicate(timeout=600)
            if process.returncode == 0:
                return
            self.assertIn(process.returncode, (-signal.SIGKILL, -signal.SIGINT, 130), err)
            runs = os.listdir(self.path("runs")) if os.path.isdir(self.path("runs")) else []
            if [n for n in runs if os.path.exists(self.path("runs", n, "run.json"))]:
                process = resume(moments)
            else:
                shutil.rmtree(self.path("runs"), ignore_errors=True)
                process = start()

    def interrupt(self, process):
        """Ctrl-C after the first checkpoint: run.json, and what the program says."""
        deadline = time.monotonic() + 60
        while not glob.glob(self.path("runs", "*", "checkpoints", "*")):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        with open(os.path.join(self.run_folder(), "run.json"), encoding="utf-8") as file:
            info = json.load(file)
        self.assertEqual(info["status"], "interrupted")
        return info, err

    def resume_and_interrupt(self, err):
        """The command that an interrupted program names goes on, until the next Ctrl-C."""
        command = re.search(r"next     quern (resume \S+)", err)
        self.assertTrue(command, err)
        again = self.start(*command[1].split())
        time.sleep(0.5)
        again.send_signal(signal.SIGINT)
        _, err = again.communicate(timeout=60)
        self.assertEqual(again.returncode, 130, err)
