"""Explorations: threads and kills change nothing, Ctrl-C saves, and what is wrong is said."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
import unittest

from quern_program import ProgramTest, newest_checkpoint, what_must_be_equal

SETTINGS = ["--set", "explore.batch=10", "--set", "explore.decisions=40", "--set", "record_every=3",
            "--set", "checkpoint_every=2", "--set", "explore.first_search=2000", "--set", "explore.sample_frames=200",
            "--set", "explore.search_candidates=5"]
KILLS = int(os.environ.get("QUERN_KILLS", "8"))


class Explore(ProgramTest):
    frames = 120_000

    def explore(self, *more):
        return self.start("explore", *SETTINGS, "--set", f"frames={self.frames}", *more)

    def undisturbed(self, threads):
        process = self.explore("--threads", threads)
        _, err = process.communicate(timeout=600)
        self.assertEqual(process.returncode, 0, err)
        self.assertRegex(err, r"cells of \d+x\d+x\d+ .* frames/s  eta ")
        self.assertIn("best     score ", err)
        result = what_must_be_equal(self.run_folder(), ["best_actions.json"])
        shutil.rmtree(self.path("runs"))
        return result

    def test_threads_and_kills_do_not_change_what_a_run_leaves(self):
        started = time.monotonic()
        expected = self.undisturbed(1)
        seconds = time.monotonic() - started
        self.assertEqual([r["record"] for r in expected["metrics.jsonl"]], list(range(1, len(expected["metrics.jsonl"]) + 1)))
        self.assertEqual(self.undisturbed(2), expected)
        self.assertEqual(self.undisturbed(4), expected)

        moments = random.Random(21)
        process = self.explore("--threads", 2)
        killed = 0
        while True:
            try:
                process.wait(timeout=moments.uniform(0.0, seconds / 4) if killed < KILLS else 600)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL if killed % 3 else signal.SIGINT)
                killed += 1
            _, err = process.communicate(timeout=600)
            if process.returncode == 0:
                break
            self.assertIn(process.returncode, (-signal.SIGKILL, -signal.SIGINT, 130), err)
            runs = os.listdir(self.path("runs")) if os.path.isdir(self.path("runs")) else []
            if [n for n in runs if os.path.exists(self.path("runs", n, "run.json"))]:
                process = self.start("resume", "latest", "--threads", moments.choice([1, 2, 4]))
            else:
                shutil.rmtree(self.path("runs"), ignore_errors=True)
                process = self.explore("--threads", 2)
        self.assertEqual(what_must_be_equal(self.run_folder(), ["best_actions.json"]), expected)

    def test_ctrl_c_saves_and_names_the_resume_command(self):
        self.frames = 100_000_000
        process = self.explore()
        deadline = time.monotonic() + 60
        while not (os.path.isdir(self.path("runs")) and os.listdir(os.path.join(self.run_folder(), "checkpoints"))):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        command = re.search(r"next     quern (resume \S+)", err)
        self.assertTrue(command, err)
        with open(os.path.join(self.run_folder(), "run.json"), encoding="utf-8") as file:
            info = json.load(file)
        self.assertEqual((info["status"], info["kind"]), ("interrupted", "explore"))
        again = self.start(*command[1].split())
        time.sleep(0.5)
        again.send_signal(signal.SIGINT)
        _, err = again.communicate(timeout=60)
        self.assertEqual(again.returncode, 130, err)

    def test_the_result_as_json(self):
        out, _ = self.run_quern("explore", *SETTINGS, "--set", "frames=20000", "--json")
        result = json.loads(out)
        self.assertTrue(result["finished"])
        with open(self.path(result["best_actions"]), encoding="utf-8") as file:
            best = json.load(file)
        self.assertEqual((best["game"], best["score"], best["decisions"]), ("gleaner", result["score"], len(best["actions"])))
        self.assertEqual(best["frame_skip"], 4)
        self.assertEqual(len(best["rom_md5"]), 32)
        self.assertTrue(all(0 <= action < 18 for action in best["actions"]))

    def test_what_is_wrong_is_said(self):
        for arguments, says in ((["montezuma_reveng"], "montezuma_revenge"), (["--set", "explore.bach=3"], "explore.batch"),
                                (["--set", "explore.repeat_probability=2"], "repeat_probability"),
                                (["--set", "evolve.population=3"], "evolve.population")):
            _, err = self.run_quern("explore", *arguments, code=2)
            self.assertTrue(err.startswith("error: "), err)
            self.assertIn(says, err)
        self.assertFalse(os.path.exists(self.path("runs")), "nothing was begun")
        out, err = self.run_quern("explore", "--dry-run")
        self.assertIn("gleaner", err)
        self.assertFalse(os.path.exists(self.path("runs")), "nothing was begun")
        out, _ = self.run_quern("explore", "--list-options")
        self.assertIn("explore.max_cells", out)
        out, _ = self.run_quern("explore", "--help")
        self.assertIn("quern explore montezuma_revenge", out)

    def test_damaged_checkpoints_and_commands_for_policies(self):
        self.run_quern("explore", *SETTINGS, "--set", "frames=20000")
        for command in ("eval", "record"):
            _, err = self.run_quern(command, code=1)
            self.assertIn("no policy", err)
            self.assertIn("best_actions.json", err)
        state = os.path.join(newest_checkpoint(self.run_folder()), "state.bin")
        with open(state, "rb") as file:
            good = file.read()
        with open(state, "wb") as file:
            file.write(good[:-1])
        _, err = self.run_quern("resume", code=1)
        self.assertIn("state.bin", err)
        # Of a run with another largest archive.
        with open(state, "wb") as file:
            file.write(good)
        config = os.path.join(self.run_folder(), "config.toml")
        with open(config, encoding="utf-8") as file:
            text = file.read()
        with open(config, "w", encoding="utf-8") as file:
            file.write(text.replace("explore.max_cells = 50000", "explore.max_cells = 1").replace("max_cells = 50000", "max_cells = 1"))
        _, err = self.run_quern("resume", code=1)
        self.assertIn("explore.max_cells", err)


if __name__ == "__main__":
    unittest.main()
