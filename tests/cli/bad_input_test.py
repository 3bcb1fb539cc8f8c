"""Bad input: one line with the thing, the reason and the remedy, exit code 1 or 2, nothing overwritten."""

import os
import random
import shutil
import subprocess
import time
import unittest

from quern_program import PROGRAM, ProgramTest

TINY = ["--set", "network=tiny", "--set", "evolve.population=4", "--set", "evolve.validation_threshold=0",
        "--set", "evolve.max_decisions=10", "--set", "evolve.test_episodes=0", "--set", "frames=100"]


class BadInput(ProgramTest):
    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def test_unknown_names_get_a_suggestion(self):
        self.fails("evovle", code=2, says=["evovle"], hint="evolve")
        self.fails("evolve", "breakot", code=2, says=["breakot"], hint="breakout")
        self.fails("evolve", "--set", "evolve.populaton=3", code=2, says=["evolve.populaton", "evolve.population"])
        self.fails("evolve", "--set", "network=natur", code=2, says=["natur", "nature"])
        self.fails("evolve", "--set", "evolve.method=nses", code=2, says=["nses", "did you mean 'ns-es'?"])
        self.fails("evolve", "--set", "evolve.method=es", "--set", "evolve.selection_threshold=20", code=2,
                   says=["evolve.selection_threshold", "of ga"], hint="--list-options")
        self.fails("evolve", "--treads", "2", code=2, says=["--treads"])
        self.assertFalse(os.path.exists(self.path("runs")), "nothing was begun")

    def test_config_files_report_every_fault_with_its_line(self):
        name = self.write("bad.toml", b"frames = 100\n[evolve]\npopulaton = 5\nmutation_power = 'much'\n")
        err = self.fails("evolve", "--config", name, code=2, says=["bad.toml", "populaton", "mutation_power"])
        self.assertIn("3", err)
        self.assertIn("4", err)
        self.fails("evolve", "--config", self.write("torn.toml", b"[evolve\n"), code=2, says=["torn.toml", "1"])
        self.fails("evolve", "--config", self.path("none.toml"), code=1, says=["none.toml"])

    def test_bad_roms(self):
        actions = self.write("actions.txt", b"0\n")
        noise = random.Random(1).randbytes
        for name, data in {"empty.bin": b"", "short.bin": noise(1000), "huge.bin": noise(200_000)}.items():
            self.fails("trace", self.write(name, data), "--as", "pong", "--actions", actions, code=1, says=[name])
        self.fails("trace", self.write("noise.bin", noise(4096)), "--actions", actions, code=1, says=["noise.bin"], hint="--as")
        self.fails("trace", self.path("none.bin"), "--as", "pong", "--actions", actions, code=1, says=["none.bin"])
        # Random bytes as a cartridge: a machine that does something or nothing, but ends.
        out, _ = self.run_quern("trace", self.path("noise.bin"), "--as", "seaquest", "--actions", actions)
        self.assertEqual(len(out.splitlines()), 2)

    def test_no_rom_of_a_game(self):
        shutil.copytree("/usr/bin", self.path("bin"), ignore=lambda folder, names: names)
        self.env["PATH"] = self.path("bin")  # no python3 that could know an ale-py
        self.fails("evolve", "pong", *TINY, code=1, says=["pong"], hint="roms")
        self.assertFalse(os.path.exists(self.path("runs")))

    def test_bad_action_files(self):
        for data, says in {b"0\njump\n": "2", b"99\n": "1", b"poke 1\n": "1", b"poke 128 0\n": "1", b"poke 0 256\n": "1"}.items():
            self.fails("trace", "gleaner", "--actions", self.write("bad.txt", data), code=1, says=["bad.txt", says])

    def test_a_run_folder_that_cannot_be_written(self):
        self.write("file", b"")
        self.fails("evolve", *TINY, "--runs", self.path("file", "runs"), code=1, says=["file"])

    def test_runs_that_are_not_there(self):
        self.fails("resume", "k7q2", code=1, says=["k7q2"])
        self.fails("eval", code=1, says=["no runs"], hint="start one")

    def test_a_run_that_another_process_works_on(self):
        first = self.start("evolve", *TINY[:-1], "frames=100000000")
        self.addCleanup(first.communicate)
        self.addCleanup(first.kill)
        deadline = time.monotonic() + 60
        while not (os.path.isdir(self.path("runs")) and os.path.exists(os.path.join(self.run_folder(), "run.json"))):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        time.sleep(0.2)
        self.fails("resume", code=1, says=["another process"], hint="wait")
        self.assertIsNone(first.poll(), "the first goes on")

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([PROGRAM, "version", "--json"], stdout=full, stderr=subprocess.PIPE, text=True,
                                  env=self.env, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output", done.stderr)

    def test_corrupt_checkpoints_are_named_and_kept(self):
        self.run_quern("evolve", *TINY)
        run = self.run_folder()
        folder = os.path.join(run, "checkpoints")
        newest = os.path.join(folder, max(n for n in os.listdir(folder) if n.startswith("gen-")))
        for name in ("state.bin", "model.safetensors"):
            path = os.path.join(newest, name)
            with open(path, "rb") as file:
                good = file.read()
            for bad in (good[:-1], bytes([good[0] ^ 1]) + good[1:], b""):
                with open(path, "wb") as file:
                    file.write(bad)
                self.fails("resume", os.path.basename(run), code=1, says=[name])
                with open(path, "rb") as file:
                    self.assertEqual(file.read(), bad, "nothing was overwritten")
            with open(path, "wb") as file:
                file.write(good)
        self.run_quern("resume", os.path.basename(run))

    def test_a_full_disk_is_said_and_loses_nothing(self):
        self.run_quern("evolve", *TINY)
        run = self.run_folder()
        before = sorted(os.listdir(os.path.join(run, "checkpoints")))
        # A limit on the size of files acts as a disk without room.
        script = 'trap "" XFSZ; ulimit -f 20; exec "$0" "$@"'
        done = subprocess.run(["bash", "-c", script, PROGRAM, "evolve", *TINY, "--runs", self.path("other")],
                              cwd=self.folder.name, env=self.env, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("error: ", done.stderr)
        (failed,) = [n for n in os.listdir(self.path("other")) if n != "latest"]
        with open(self.path("other", failed, "run.json"), encoding="utf-8") as file:
            self.assertIn('"status": "failed"', file.read())
        self.assertEqual(sorted(os.listdir(os.path.join(run, "checkpoints"))), before)


if __name__ == "__main__":
    unittest.main()
