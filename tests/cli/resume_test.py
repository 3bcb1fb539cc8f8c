"""Killing a run at any moment loses nothing but the generation in work: the final checkpoint is the same, byte for byte,
as that of an undisturbed run, with any number of threads."""

import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from quern_program import ProgramTest

SETTINGS_OF_ALL = ["--set", "network=tiny", "--set", "evolve.population=12", "--set", "evolve.validation_episodes=2",
                   "--set", "evolve.max_decisions=100", "--set", "evolve.test_episodes=0"]
SETTINGS = [*SETTINGS_OF_ALL, "--set", "evolve.selection_threshold=4", "--set", "evolve.validation_threshold=2"]
KILLS = int(os.environ.get("QUERN_KILLS", "20"))


def checkpoint_bytes(run):
    folder = os.path.join(run, "checkpoints")
    newest = max(name for name in os.listdir(folder) if name.startswith("gen-"))
    files = {}
    for name in sorted(os.listdir(os.path.join(folder, newest))):
        with open(os.path.join(folder, newest, name), "rb") as file:
            files[name] = file.read()
    return newest, files


class Resume(ProgramTest):
    frames = 150_000

    settings = SETTINGS

    def evolve(self, *more):
        return self.start("evolve", *self.settings, "--set", f"frames={self.frames}", *more)

    def undisturbed(self, threads):
        process = self.evolve("--threads", threads)
        _, err = process.communicate(timeout=600)
        self.assertEqual(process.returncode, 0, err)
        result = checkpoint_bytes(self.run_folder())
        shutil.rmtree(self.path("runs"))
        return result

    def test_threads_and_kills_do_not_change_the_final_checkpoint(self):
        self.check_threads_and_kills((2, 4), KILLS)

    def test_the_same_holds_for_every_method(self):
        self.frames = 30_000
        for method, rank in (("samr", 0), ("gesmr", 2), ("es", 1), ("ns-es", 0), ("nsr-es", 2)):
            with self.subTest(method=method, rank=rank):
                self.settings = SETTINGS_OF_ALL + ["--set", f"evolve.method={method}", "--set", f"evolve.mutation_rank={rank}"]
                self.check_threads_and_kills((2,), max(1, KILLS // 7))
                shutil.rmtree(self.path("runs"))

    def check_threads_and_kills(self, numbers_of_threads, kills):
        started = time.monotonic()
        expected = self.undisturbed(1)
        seconds = time.monotonic() - started
        for threads in numbers_of_threads:
            self.assertEqual(self.undisturbed(threads), expected, f"{threads} threads")

        moments = random.Random(20)
        process = self.evolve("--threads", 2)
        killed = 0
        while killed < kills:
            try:
                process.wait(timeout=moments.uniform(0.0, 2 * seconds / kills))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                killed += 1
            _, err = process.communicate()
            runs = os.listdir(self.path("runs")) if os.path.isdir(self.path("runs")) else []
            if process.returncode == 0:  # finished between two kills: right, and time for another run
                self.assertEqual(checkpoint_bytes(self.run_folder()), expected)
            elif process.returncode != -signal.SIGKILL:
                self.fail(f"exit code {process.returncode}: {err}")
            elif [n for n in runs if os.path.exists(self.path("runs", n, "run.json"))]:
                process = self.start("resume", "latest", "--threads", moments.choice([1, 2, 4]))
                continue
            shutil.rmtree(self.path("runs"), ignore_errors=True)
            process = self.evolve("--threads", 2)
        _, err = process.communicate(timeout=600)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(checkpoint_bytes(self.run_folder()), expected)
        with open(os.path.join(self.run_folder(), "metrics.jsonl"), encoding="utf-8") as file:
            generations = [line.split('"generation":')[1].split(",")[0] for line in file]
        self.assertEqual(generations, [str(i + 1) for i in range(len(generations))], "one record a generation, none twice")

    def test_champions_of_low_rank_say_so(self):
        self.frames = 30_000
        for rank, suffix in ((0, b""), (2, b":2")):
            self.settings = [*SETTINGS, "--set", f"evolve.mutation_rank={rank}"]
            model = self.undisturbed(2)[1]["model.safetensors"]
            self.assertRegex(model, rb'"genome":"[0-9a-f]{16}( [0-9a-f]{16}:[0-9a-f]{8}' + suffix + rb')+"')

    def test_ctrl_c_saves_and_names_the_resume_command(self):
        self.frames = 100_000_000
        info, err = self.interrupt(self.evolve())
        self.assertEqual(info["kind"], "evolve")
        self.resume_and_interrupt(err)


if __name__ == "__main__":
    unittest.main()
