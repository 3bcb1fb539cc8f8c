"""quern.analog.run, quern.resume and quern.analog.fit: the same results as the program's."""

import _thread
import contextlib
import io
import json
import os
import re
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
    from quern import analog
except ImportError:
    print("SKIPPED: numpy is not installed")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("QUERN")
SMALL = {"epochs": 4, "network": {"hidden": "24"}, "tile.max_inputs": 40, "seed": 3}


def newest_checkpoint(folder):
    newest = sorted((Path(folder) / "checkpoints").iterdir())[-1]
    return newest.name, {path.name: path.read_bytes() for path in newest.iterdir()}


def metrics_of(folder):
    with open(Path(folder) / "metrics.jsonl", encoding="utf-8") as lines:
        return [{key: value for key, value in json.loads(line).items() if not key.startswith(("time/", "speed/"))}
                for line in lines]


class Runs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.runs = Path(folder.name)

    @unittest.skipUnless(PROGRAM, "the program is not built")
    def test_a_run_is_that_of_the_program(self):
        for kind in analog.kinds():
            config = ROOT / "configs" / "analog" / "digits.toml" if kind == "rpu" else None
            ours = analog.run(config, {"epochs": 3, "tile.kind": kind}, runs=self.runs / kind)
            subprocess.run([PROGRAM, "analog", *([config] if config else []), "--set", "epochs=3", "--set", f"tile.kind={kind}",
                            "--runs", self.runs / "program" / kind], check=True, capture_output=True)
            theirs = self.runs / "program" / kind / "latest"
            self.assertEqual(newest_checkpoint(ours.path), newest_checkpoint(theirs), kind)
            self.assertEqual(metrics_of(ours.path), metrics_of(theirs), kind)
            self.assertEqual((ours.path / "config.toml").read_text(), (theirs / "config.toml").read_text(), kind)
            shown = json.loads(subprocess.run([PROGRAM, "eval", ours.path, "--json"], check=True, capture_output=True).stdout)
            self.assertEqual(shown["test_accuracy"], ours.test_accuracy)

    def test_what_a_run_says(self):
        reports = []
        run = analog.run(SMALL, runs=self.runs, on_epoch=reports.append)
        self.assertEqual(run.epochs, 4)
        self.assertEqual([report["epoch"] for report in reports], [1, 2, 3, 4])
        self.assertEqual([report["samples"] for report in reports], [1437, 2874, 4311, 5748])
        self.assertEqual([report["fraction_done"] for report in reports], [0.25, 0.5, 0.75, 1])
        self.assertEqual(reports[-1]["seconds_left"], 0)
        self.assertEqual([report["test_accuracy"] for report in reports], run.test_accuracies())
        self.assertEqual(run.test_accuracies()[-1], run.test_accuracy)
        self.assertGreater(run.test_accuracy, 0.8)
        self.assertEqual(run.path, (self.runs / "latest").resolve())
        self.assertEqual(json.loads((run.path / "run.json").read_text())["command"], ["quern.analog.run"])

    def test_dotted_and_nested_keys_and_files_are_the_same(self):
        file = self.runs / "config.toml"
        file.write_text('epochs = 9\nseed = 3\n[network]\nhidden = "24"\n[tile]\nmax_inputs = 40\n')
        nested = analog.run(SMALL, runs=self.runs / "a")
        dotted = analog.run({"epochs": 4, "network.hidden": 24, "tile": {"max_inputs": 40}}, {"seed": 3}, runs=self.runs / "b")
        from_file = analog.run(str(file), {"epochs": 4}, runs=self.runs / "c")
        self.assertEqual(newest_checkpoint(nested.path), newest_checkpoint(dotted.path))
        self.assertEqual(newest_checkpoint(nested.path), newest_checkpoint(from_file.path))

    def test_what_a_callback_raises_ends_the_run_and_resume_goes_on(self):
        whole = analog.run(SMALL, runs=self.runs / "whole")

        def stop(report):
            if report["epoch"] == 2:
                raise StopIteration("enough")

        with self.assertRaisesRegex(StopIteration, "enough"):
            analog.run(SMALL, runs=self.runs / "stopped", on_epoch=stop)
        with open(self.runs / "stopped" / "latest" / "metrics.jsonl", "a", encoding="utf-8") as lines:
            lines.write('{"epoch": 3, "lost": true}\n')  # written after the checkpoint, before a kill
        reports = []
        resumed = quern.resume(runs=self.runs / "stopped", on_epoch=reports.append)
        self.assertEqual([report["epoch"] for report in reports], [3, 4])
        self.assertEqual(newest_checkpoint(resumed.path), newest_checkpoint(whole.path))
        self.assertEqual(metrics_of(resumed.path), metrics_of(whole.path))
        self.assertEqual(resumed.test_accuracy, whole.test_accuracy)

    def interrupted(self, options, folder):
        """The run that a signal stopped after its first epoch."""
        script = f"from quern import analog; analog.run({options!r}, runs={str(folder)!r})"
        process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 120
        while not any(folder.glob("*/checkpoints/*/DONE")):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        self.assertRegex(errors, r"KeyboardInterrupt: stopped after \d+ whole epochs")
        self.assertIn(f"quern.resume('{folder}/", errors)
        run = (folder / "latest").resolve()
        self.assertEqual(json.loads((run / "run.json").read_text())["status"], "interrupted")
        return run

    def test_control_c_saves_in_mid_epoch(self):
        options = SMALL | {"epochs": 100_000, "network": {"hidden": "400-400"}}
        for attempt in range(4):  # the signal may come at an epoch's end, too
            run = self.interrupted(options, self.runs / str(attempt))
            samples = int(newest_checkpoint(run)[0].removeprefix("sample-"))
            if samples % 1437 != 0:
                break
        else:
            self.fail("the signal was not seen within an epoch")
        epochs = samples // 1437 + 1
        config = run / "config.toml"
        config.write_text(config.read_text().replace("epochs = 100000", f"epochs = {epochs}"))
        resumed = quern.resume(run)
        whole = analog.run(options | {"epochs": epochs}, runs=self.runs / "whole")
        self.assertEqual(newest_checkpoint(resumed.path), newest_checkpoint(whole.path))

    def test_control_c_at_the_very_end_is_heard(self):
        def interrupt(report):
            if report["epoch"] == SMALL["epochs"]:
                _thread.interrupt_main()

        with self.assertRaisesRegex(KeyboardInterrupt, "had just ended: quern.resume"):
            analog.run(SMALL, runs=self.runs, on_epoch=interrupt)
        self.assertEqual(quern.resume(runs=self.runs).epochs, SMALL["epochs"])

    def test_resume_goes_on_with_both_kinds(self):
        evolved = quern.evolve(options={"network": "tiny", "frames": 1000, "evolve.population": 2, "evolve.test_episodes": 0,
                                        "evolve.selection_threshold": 1, "evolve.validation_episodes": 1}, runs=self.runs)
        trained = analog.run(SMALL, runs=self.runs)
        self.assertEqual(quern.resume(evolved.id, runs=self.runs, num_threads=1), evolved)
        self.assertEqual(quern.resume(trained.path), trained)
        with self.assertRaisesRegex(ValueError, "on_epoch"):
            quern.resume(trained.path, num_threads=2)
        with self.assertRaisesRegex(ValueError, "on_generation"):
            quern.resume(evolved.path, on_epoch=print)
        file = trained.path / "run.json"
        file.write_text(file.read_text().replace('"kind": "analog"', '"kind": "explore"'))
        with self.assertRaisesRegex(ValueError, "only the program"):
            quern.resume(trained.path)

    def test_a_run_is_tested_again_and_after_a_time(self):
        options = {"epochs": 5, "tile.kind": "nature", "nature.transfer_interval": 1000}
        run = analog.run(options, runs=self.runs)
        self.assertEqual(run.evaluate(), (run.test_accuracy, run.test_loss))
        self.assertEqual(run.evaluate().accuracy, run.test_accuracy)
        if PROGRAM:
            shown = json.loads(subprocess.run([PROGRAM, "eval", run.path, "--after", "1h,1d", "--json"], check=True,
                                              capture_output=True).stdout)
            for row in shown["after"]:
                self.assertEqual(run.evaluate(after=row["seconds"], compensated=row["compensated"]),
                                 (row["test_accuracy"], row["test_loss"]))
        self.assertNotEqual(run.evaluate(after=3600).loss, run.evaluate(after=3600, compensated=True).loss)
        for after in (-1, float("nan"), 1e12):
            with self.assertRaisesRegex(ValueError, "after must be 0 or more"):
                run.evaluate(after=after)
        with self.assertRaisesRegex(ValueError, "phase-change memory"):
            analog.run(SMALL, {"epochs": 1}, runs=self.runs).evaluate(after=1)

    def test_errors(self):
        for options, text in (({"epohcs": 3}, "did you mean epochs"), ({"epochs": 0}, "between 1"),
                              ({"train": {"learning_rat": 1}}, "did you mean train.learning_rate"),
                              ({"network.hidden": "12-x"}, "network.hidden"), ({"device.step": -1}, "step must be"),
                              ({"data.set": "minst"}, "did you mean 'mnist'"),
                              ({"tile.kind": "ideal", "device.preset": "capacitor"}, "not used")):
            with self.assertRaisesRegex(ValueError, text):
                analog.run(options, runs=self.runs)
        empty = self.runs / "empty"
        empty.mkdir()
        with self.assertRaisesRegex(RuntimeError, "mnist"):
            analog.run({"data.set": "mnist", "data.dir": empty}, runs=self.runs)
        with self.assertRaisesRegex(RuntimeError, "none.toml"):
            analog.run(self.runs / "none.toml", runs=self.runs)
        with self.assertRaisesRegex(RuntimeError, "no run"):
            quern.resume(runs=self.runs)
        self.assertEqual(list(self.runs.iterdir()), [empty], "what fails leaves no run behind")

    def test_the_samples_of_a_run(self):
        x, labels, test_x, test_labels = analog.load_data()
        self.assertEqual((x.dtype, x.shape, labels.dtype, labels.shape), (np.float32, (1437, 64), np.int64, (1437,)))
        self.assertEqual((test_x.shape, test_labels.shape), ((360, 64), (360,)))
        self.assertEqual((x.min(), x.max(), set(labels)), (0, 1, set(range(10))))
        self.assertRaisesRegex(ValueError, "did you mean", analog.load_data, "digit")
        with self.assertRaisesRegex(ValueError, "data.crop"):
            analog.load_data("digits", {"data.crop": "x"})


class Fits(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.csv = Path(folder.name) / "pulses.csv"

    def test_a_fit_gives_the_devices_back(self):
        analog.sample_pulses(self.csv, "ecram_like", {"device.step": 0.004}, devices=30, seed=5)
        fit = analog.fit(self.csv)
        best, truth = fit.models[0], analog.preset("ecram_like") | {"device.step": 0.004}
        self.assertEqual((best.model, fit.devices, fit.stuck_devices, fit.conductances), ("linear-step", 30, 0, None))
        self.assertEqual([model.aic for model in fit.models], sorted(model.aic for model in fit.models))
        self.assertEqual([model.model for model in fit.models if model.at_limit], ["exponential-step"])
        self.assertEqual(fit.unfitted, {})
        self.assertLess(best.misfit, 1.3)
        for name in ("step", "step_d2d", "step_c2c", "gamma_up", "gamma_down", "w_max", "w_min"):
            value, error = best.parameters[name]
            self.assertLess(abs(value - truth["device." + name]), 4 * error, name)
            self.assertAlmostEqual(best.options["device." + name], value, 6)
        self.assertTrue(all(type(note) is str for note in best.notes))
        for steps, sign in ((fit.steps_up, 1), (fit.steps_down, -1)):
            self.assertEqual(set(steps), {"weight", "step", "standard_error", "pulses", "fitted"})
            self.assertTrue(np.all(np.sign(steps["fitted"]) == sign))
            self.assertLess(np.median(np.abs(steps["step"] - steps["fitted"]) / np.abs(steps["step"])), 0.05)
        tile = analog.Tile(200, 200, options=fit.options)
        self.assertAlmostEqual(tile.devices["step_up"].mean(), 0.004, delta=0.0002)
        self.assertEqual(analog.fit(self.csv, "soft-bounds").models[0].model, "soft-bounds")

    @unittest.skipUnless(PROGRAM, "the program is not built")
    def test_fit_and_pulses_are_those_of_the_program(self):
        analog.sample_pulses(self.csv, "rpu_baseline", devices=8, ramps=2, ramp_pulses=500, read_noise=0.001, seed=2)
        sampled = subprocess.run([PROGRAM, "device", "sample", "rpu_baseline", "--devices=8", "--ramps=2", "--pulses=500",
                                  "--read-noise=0.001", "--seed=2"], check=True, capture_output=True).stdout
        self.assertEqual(self.csv.read_bytes(), sampled)
        shown = json.loads(subprocess.run([PROGRAM, "device", "fit", self.csv, "--json"], check=True, capture_output=True).stdout)
        fit = analog.fit(self.csv)
        self.assertEqual([model.model for model in fit.models], [model["model"] for model in shown["models"]])
        for ours, theirs in zip(fit.models, shown["models"]):
            self.assertEqual((ours.aic, ours.misfit, list(ours.notes)), (theirs["aic"], theirs["misfit"], theirs["notes"]))
            self.assertEqual(ours.parameters, {name: (one["value"], one["standard_error"])
                                               for name, one in theirs["parameters"].items()})
        self.assertEqual((fit.read_noise, fit.read_noise_error), (shown["read_noise"], shown["read_noise_standard_error"]))

    def test_conductances_become_weights(self):
        analog.sample_pulses(self.csv, "rpu_baseline", devices=8, seed=2)
        header, *rows = self.csv.read_text().splitlines()
        column = header.split(",").index("weight")

        def scaled(row):
            cells = row.split(",")
            cells[column] = repr(10 + 5 * float(cells[column]))
            return ",".join(cells)

        weights = analog.fit(self.csv, "constant-step")
        self.csv.write_text("\n".join([header.replace("weight", "conductance"), *map(scaled, rows)]) + "\n")
        fit = analog.fit(self.csv, "constant-step", conductances=(5, 15), weights=(-1, 1))
        self.assertEqual((fit.conductances, fit.weights), ((5, 15), (-1, 1)))
        self.assertAlmostEqual(fit.models[0].parameters["step"][0], weights.models[0].parameters["step"][0], 5)

    def test_errors(self):
        with self.assertRaisesRegex(RuntimeError, "pulses.csv"):
            analog.fit(self.csv)
        self.csv.write_text("direction,weight\nup,x\n")
        with self.assertRaisesRegex(RuntimeError, "line 2"):
            analog.fit(self.csv)
        self.csv.write_text("direction,weight\nnone,0\nup,0.1\n")
        self.assertRaises(RuntimeError, analog.fit, self.csv)
        with self.assertRaisesRegex(ValueError, "did you mean"):
            analog.sample_pulses(self.csv, "ecram")
        with self.assertRaisesRegex(ValueError, "devices"):
            analog.sample_pulses(self.csv, devices=0)
        with self.assertRaisesRegex(ValueError, "tiles of kind nature have no device"):
            analog.sample_pulses(self.csv, options={"tile.kind": "nature"})
        with self.assertRaisesRegex(ValueError, "seed must be 0 to 2"):
            analog.sample_pulses(self.csv, seed=-1)
        analog.sample_pulses(self.csv, "rpu_baseline", devices=2)
        with self.assertRaisesRegex(ValueError, "constant-step"):
            analog.fit(self.csv, "constant-stp")


class Documents(unittest.TestCase):
    def test_the_blocks_of_the_document_run_and_print_what_it_says(self):
        text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
        section = re.search(r"^## Analog memory$(.*?)^## ", text, re.MULTILINE | re.DOTALL)[1]
        blocks = re.findall(r"^```python\n(.*?)^```(?:\n\n```\n(.*?)^```)?", section, re.MULTILINE | re.DOTALL)
        self.assertGreaterEqual(len(blocks), 3)
        names, here = {}, os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                for code, expected in blocks:
                    printed = io.StringIO()
                    with contextlib.redirect_stdout(printed):
                        exec(code, names)
                    self.assertEqual(printed.getvalue(), expected, code)
            finally:
                os.chdir(here)

    def test_the_example_trains(self):
        done = subprocess.run([sys.executable, ROOT / "examples" / "analog_presets.py", "--epochs", "1"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        accuracies = {line[:30].strip(): float(line[30:].split()[0]) for line in done.stdout.splitlines()[1:]}
        self.assertEqual(len(accuracies), 10)
        self.assertGreater(accuracies["ideal"], 80)


if __name__ == "__main__":
    unittest.main()
