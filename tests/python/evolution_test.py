"""quern.evolve, resume and load_policy: the same runs as the program's."""

import _thread
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

try:
    import numpy as np

    import quern
except ImportError:
    print("SKIPPED: numpy is not installed")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

SMALL = {"network": "tiny", "frames": 50_000, "seed": 3, "evolve.population": 12, "evolve.selection_threshold": 4,
         "evolve.validation_episodes": 2, "evolve.test_episodes": 2, "checkpoint_every": 1, "checkpoints_kept": 100}


class Evolution(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.runs = Path(folder.name)

    def last_checkpoint(self, run):
        newest = sorted((run.path / "checkpoints").iterdir())[-1]
        return {path.name: path.read_bytes() for path in newest.iterdir()}

    def test_a_run_is_a_function_of_its_options_whatever_the_threads(self):
        reports = []
        one = quern.evolve(options=SMALL, runs=self.runs, num_threads=1, on_generation=reports.append)
        other = quern.evolve(options=SMALL, runs=self.runs, num_threads=3)
        self.assertEqual(self.last_checkpoint(one), self.last_checkpoint(other))
        self.assertEqual(one.test, other.test)
        self.assertEqual([report["generation"] for report in reports], list(range(1, one.generations + 1)))
        self.assertEqual(reports[-1]["frames_used"], one.frames_used)
        self.assertGreaterEqual(one.frames_used, 50_000)
        self.assertEqual([record["generation"] for record in one.metrics()], [report["generation"] for report in reports])

    def test_every_method_trains_and_has_a_champion(self):
        common = {"network": "tiny", "frames": 10_000, "seed": 3, "evolve.population": 6, "evolve.max_decisions": 50,
                  "evolve.validation_episodes": 1, "evolve.test_episodes": 2}
        for method in ("samr", "es", "nsr-es"):
            one = quern.evolve(options=common, method=method, runs=self.runs, num_threads=1)
            other = quern.evolve(options=common, method=method, runs=self.runs, num_threads=2)
            self.assertEqual(self.last_checkpoint(one), self.last_checkpoint(other), method)
            self.assertEqual(one.test, other.test)
            self.assertTrue(np.any(one.policy().parameters))
        with self.assertRaisesRegex(ValueError, "does not use these keys"):
            quern.evolve(options={"evolve.step_size": 0.1}, method="ga", runs=self.runs)

    def test_what_a_callback_raises_ends_the_run_and_resume_goes_on(self):
        whole = quern.evolve(options=SMALL, runs=self.runs, num_threads=2)
        (self.runs / "stopped").mkdir()

        def stop(report):
            if report["generation"] == 2:
                raise StopIteration("enough")

        with self.assertRaisesRegex(StopIteration, "enough"):
            quern.evolve(options=SMALL, runs=self.runs / "stopped", num_threads=2, on_generation=stop)
        resumed = quern.resume(runs=self.runs / "stopped", num_threads=1)
        self.assertEqual(self.last_checkpoint(resumed), self.last_checkpoint(whole))
        self.assertEqual(len(resumed.metrics()), len(whole.metrics()))

    def test_control_c_saves(self):
        reports = []

        def interrupt(report):
            reports.append(report)
            if len(reports) == 2:
                _thread.interrupt_main()

        with self.assertRaisesRegex(KeyboardInterrupt, "quern.resume"):
            quern.evolve(options=SMALL | {"frames": 10_000_000}, runs=self.runs, num_threads=1, on_generation=interrupt)
        self.assertLess(len(reports), 10)
        self.assertEqual(quern.load_policy(runs=self.runs).game, "gleaner")

    def test_control_c_at_the_very_end_is_heard(self):
        options = SMALL | {"frames": 1, "evolve.test_episodes": 0}
        with self.assertRaisesRegex(KeyboardInterrupt, "had just ended: quern.resume"):
            quern.evolve(options=options, runs=self.runs, num_threads=1, on_generation=lambda _: _thread.interrupt_main())
        self.assertEqual(quern.resume(runs=self.runs).generations, 1)

    def test_a_signal_ends_it_in_mid_generation_and_in_the_test(self):
        for options, after in ((SMALL | {"frames": 10_000_000, "evolve.population": 2000}, "episodes"),
                               (SMALL | {"evolve.test_episodes": 20_000}, "testing")):
            folder = self.runs / after
            script = f"import quern; quern.evolve(options={options!r}, runs={str(folder)!r}, num_threads=1)"
            process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
            ready = (lambda: any(folder.glob("*/checkpoints/*/DONE"))) if after == "testing" else folder.exists
            while not ready() or (after == "testing" and 'status": "running"' not in (folder / "latest/run.json").read_text()):
                time.sleep(0.05)
            time.sleep(2)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30)
            self.assertIn("KeyboardInterrupt: stopped after", errors)
            self.assertIn(f"quern.resume('{folder}/", errors)

    def test_a_champion_plays_the_vector_environment(self):
        run = quern.evolve(options=SMALL, runs=self.runs, num_threads=2)
        policy = run.policy()
        self.assertEqual((policy.game, policy.preset, policy.network), ("gleaner", "uber", "tiny"))
        self.assertEqual([action.name for action in policy.actions], ["NOOP", "RIGHT", "LEFT"])
        vector = quern.make_vec(policy.game, 3, preset=policy.preset)
        observations, _ = vector.reset(seed=1)
        chosen = set()
        for _ in range(50):
            actions = policy(observations)
            sums = policy.sums(observations)
            self.assertEqual((actions.dtype, actions.shape, sums.shape), (np.int64, (3,), (3, 3)))
            np.testing.assert_array_equal(actions, sums.argmax(1))
            self.assertEqual(policy(observations[0]), actions[0])
            chosen |= set(actions.tolist())
            observations, *_ = vector.step(actions)
        self.assertTrue(chosen)
        self.assertEqual(policy.parameters.dtype, np.float32)

    def test_errors(self):
        for options, text in (({"evolve.popluation": 3}, "did you mean evolve.population"), ({"frames": -1}, "frames"),
                              ({"network": "huge"}, "network")):
            with self.assertRaisesRegex(ValueError, text):
                quern.evolve(options=options, runs=self.runs)
        with self.assertRaisesRegex(ValueError, "unknown game"):
            quern.evolve("gleanr", runs=self.runs)
        with self.assertRaisesRegex(ValueError, "num_threads"):
            quern.evolve(runs=self.runs, num_threads=0)
        self.assertEqual(list(self.runs.iterdir()), [], "what fails leaves no run behind")
        with self.assertRaisesRegex(RuntimeError, "no runs in"):
            quern.load_policy(runs=self.runs)
        policy = quern.evolve(options=SMALL | {"frames": 20_000}, runs=self.runs).policy()
        for observations in (np.zeros((4, 84, 84), np.float32), np.zeros((1, 4, 84, 83), np.uint8), np.zeros(3, np.uint8)):
            with self.assertRaisesRegex(ValueError, "uint8"):
                policy(observations)


if __name__ == "__main__":
    unittest.main()
