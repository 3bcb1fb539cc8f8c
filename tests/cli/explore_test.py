"""Explorations: threads and kills change nothing, Ctrl-C saves, and what is wrong is said."""

import json
import os
import shutil
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

        self.finish_through_kills(
            lambda: self.explore("--threads", 2),
            lambda moments: self.start("resume", "latest", "--threads", moments.choice([1, 2, 4])), KILLS, seconds / 4, seed=21)
        self.assertEqual(what_must_be_equal(self.run_folder(), ["best_actions.json"]), expected)

    def test_ctrl_c_saves_and_names_the_resume_command(self):
        self.frames = 100_000_000
        info, err = self.interrupt(self.explore())
        self.assertEqual(info["kind"], "explore")
        self.resume_and_interrupt(err)

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
