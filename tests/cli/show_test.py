"""quern show: summaries and pictures of run directories that these tests write by hand, and of small trainings."""

import glob
import json
import os
import unittest
import xml.etree.ElementTree

from quern_program import ProgramTest

SVG = "{http://www.w3.org/2000/svg}"


def histogram(*counts, unit=""):
    return {"min": -1, "max": 1, "unit": unit, "counts": list(counts)}


class Show(ProgramTest):
    def make_run(self, run_id, kind, records, config="seed = 1\n"):
        folder = self.path("runs", f"2026-03-01_14-05-09_test_{run_id}")
        os.makedirs(folder)
        info = {"format": 1, "kind": kind, "id": run_id, "subject": "test", "status": "finished", "seed": 1,
                "command": ["quern"], "commit": "", "versions": {"quern": "0"}, "host": {"name": "h", "cpus": 1},
                "times": {"created": "2026-03-01T14:05:09Z", "status": "2026-03-01T14:05:09Z"}}
        for name, text in (("run.json", json.dumps(info)), ("config.toml", config),
                           ("metrics.jsonl", "".join(json.dumps(record) + "\n" for record in records))):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        return folder

    def bytes_of(self, folder):
        files = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                files[name] = file.read()
        return files

    def texts(self, *parts):
        root = xml.etree.ElementTree.parse(os.path.join(*parts)).getroot()
        return [text.text for text in root.iter(f"{SVG}text")]

    def lines(self, *parts):
        root = xml.etree.ElementTree.parse(os.path.join(*parts)).getroot()
        return len(list(root.iter(f"{SVG}polyline")))

    def analog_records(self):
        return [{"epoch": i, "train/accuracy": 0.8 + i / 100, "test/accuracy": 0.9 + i / 100, "train/loss": 1 / i,
                 "test/loss": 1 / i, "test/accuracy_before_transfer": 0.9, "test/accuracy_after_transfer": 0.89,
                 "analog/pulses_per_synapse": 0.01 * i, "histogram/weight": histogram(1, 2, 3),
                 "histogram/weight_before_transfer": histogram(1, 5, 1), "histogram/pulses": histogram(9, 1),
                 "histogram/weight_after_transfer": histogram(1, 4, 1),
                 "histogram/conductance_before_transfer": histogram(8, 1, unit="\u00b5S"),
                 "histogram/conductance_after_transfer": histogram(7, 2, unit="\u00b5S"),
                 "histogram/capacitor_before_transfer": histogram(2, 2, unit="uS"),
                 "histogram/capacitor_after_transfer": histogram(4, 1, unit="uS")} for i in range(1, 6)]

    def train(self, *settings):
        """A run of the digits: its folder, its records and the pictures that show draws."""
        assignments = ("epochs=2", "network.hidden=12", *settings)
        self.run_quern("analog", *(word for one in assignments for word in ("--set", one)))
        self.run_quern("show")
        folder = os.path.realpath(self.path("runs", "latest"))
        with open(os.path.join(folder, "metrics.jsonl"), encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        return folder, records, sorted(os.listdir(os.path.join(folder, "media")))

    def chip(self, *arguments):
        report = json.loads(self.run_quern("chip", "--json", *arguments)[0])
        return report, {entry["key"]: entry["value"] for entry in report["inputs"]}

    def points(self, *parts):
        """Of each line of a picture: its corners."""
        root = xml.etree.ElementTree.parse(os.path.join(*parts)).getroot()
        return [[tuple(map(float, point.split(","))) for point in line.get("points").split()]
                for line in root.iter(f"{SVG}polyline")]

    def test_an_analog_run_gets_all_its_pictures(self):
        folder = self.make_run("aaaa", "analog", self.analog_records())
        out, err = self.run_quern("show", "aaaa")
        self.assertEqual(err, "")
        media = os.path.join(folder, "media")
        self.assertEqual(sorted(os.listdir(media)), ["accuracy.svg", "capacitor_cells.svg", "conductances.svg", "loss.svg",
                                                     "pulses.svg", "weights.svg"])
        for name in os.listdir(media):
            self.assertIn(os.path.join(media, name).split("runs", 1)[1], out)
        self.assertRegex(out, r"test/accuracy +0.91 +0.95 +0.91 +0.95")
        self.assertEqual(self.lines(media, "accuracy.svg"), 4)
        for text in ("accuracy (%)", "epochs", "90", "test, just before a transfer"):
            self.assertIn(text, self.texts(media, "accuracy.svg"))
        self.assertIn("conductance (\u00b5S)", self.texts(media, "conductances.svg"))
        for text in ("before a transfer", "after it", "now"):
            self.assertIn(text, self.texts(media, "weights.svg"))
        before = self.bytes_of(media)
        self.run_quern("show", "aaaa")
        self.assertEqual(self.bytes_of(media), before, "the same bytes again")

    def test_runs_are_laid_over_one_another(self):
        folder = self.make_run("aaaa", "analog", self.analog_records(), "[nature]\ninversion = true\n")
        self.make_run("bbbb", "analog", self.analog_records(), "[nature]\n# the switch\ninversion = false\n")
        self.run_quern("show", "aaaa", "bbbb")
        texts = self.texts(folder, "media", "accuracy.svg")
        self.assertIn("aaaa", texts)
        self.assertIn("bbbb: nature.inversion=false", texts)
        self.assertEqual(self.lines(folder, "media", "accuracy.svg"), 2)

    def test_an_evolve_run_gets_its_returns(self):
        folder = self.make_run("aaaa", "evolve", [
            {"generation": i, "frames_used": i * 10**6, "rollout/return_mean": i, "rollout/return_median": i,
             "rollout/return_best": 2 * i, "evolve/elite_return_mean": 1.5 * i} for i in range(1, 4)])
        out, _ = self.run_quern("show")
        self.assertEqual(os.listdir(os.path.join(folder, "media")), ["returns.svg"])
        self.assertIn("frames (millions)", self.texts(folder, "media", "returns.svg"))
        self.assertEqual(self.lines(folder, "media", "returns.svg"), 4)
        self.assertIn("rollout/return_best", out)

    def test_values_that_are_missing_or_wrong_are_left_out(self):
        folder = self.make_run("aaaa", "analog", [
            {"epoch": 1, "test/accuracy": None, "histogram/weight": {"min": 0, "max": 0, "counts": [1]}},
            {"epoch": 2, "test/accuracy": 0.5, "histogram/pulses": {"min": 0, "max": 1, "counts": ["much"]}},
            {"epoch": 3, "test/accuracy": "good", "histogram/weight_before_transfer": 5}])
        self.run_quern("show", "aaaa")
        self.assertEqual(os.listdir(os.path.join(folder, "media")), ["accuracy.svg"])

    def test_a_run_without_records_has_no_picture(self):
        folder = self.make_run("aaaa", "analog", [])
        out, _ = self.run_quern("show", "aaaa")
        self.assertIn("no record", out)
        self.assertFalse(os.path.exists(os.path.join(folder, "media")))

    def test_json_holds_the_summary(self):
        self.make_run("aaaa", "analog", self.analog_records())
        out, _ = self.run_quern("show", "--json")
        shown = json.loads(out)
        self.assertEqual(shown["run"]["id"], "aaaa")
        self.assertEqual(shown["records"], 5)
        self.assertAlmostEqual(shown["metrics"]["test/accuracy"]["last"], 0.95)
        self.assertEqual(len(shown["pictures"]), 6)

    def test_a_nature_run_gets_its_pictures_and_its_cost(self):
        folder, records, pictures = self.train("tile.kind=nature", "nature.transfer_interval=500", "tile.max_inputs=40")
        self.assertEqual(pictures, ["accuracy.svg", "capacitor_cells.svg", "conductances.svg", "energy.svg", "loss.svg",
                                    "pulses.svg", "weights.svg"])
        last = records[-1]
        for name, devices in (("weight_before_transfer", 1), ("conductance_after_transfer", 2), ("capacitor_after_transfer", 1),
                              ("pulses", 1)):
            self.assertEqual(sum(last[f"histogram/{name}"]["counts"]), devices * (65 * 12 + 13 * 10), name)
        media = os.path.join(folder, "media")
        test = [record["test/accuracy"] for record in records]
        drawn = [y for _, y in self.points(media, "accuracy.svg")[0]]
        self.assertEqual(len(drawn), 2)
        self.assertEqual(drawn[0] > drawn[1], test[0] < test[1], "y counts downwards")
        self.assertIn("conductance (uS)", self.texts(media, "conductances.svg"))

        report, inputs = self.chip("--run", "latest")
        self.assertEqual(inputs["chip.synapse_pulses"], last["analog/pulses_per_synapse"])
        corrections = last["analog/correction_pulses_per_transfer"]
        self.assertGreater(corrections, 1)
        self.assertEqual(inputs["chip.correction_pulses"], corrections)
        self.assertEqual((inputs["chip.transfer_interval"], inputs["chip.rows"], inputs["chip.columns"]), (500, 40, 512))
        self.assertEqual(report["training"]["operations"], 2 * 2 * 65 * 12 + 2 * 3 * 13 * 10)
        self.assertTrue(report["work"].startswith("network 64-12-10 of run "), report["work"])
        joules = report["training"]["energy_per_synapse_j"]
        title = f"Energy, 2PCM+3T1C chip, 90 nm, {report['work']}: {1e15 * joules:.4g} fJ"
        self.assertIn(title, self.texts(media, "energy.svg"))
        again, _ = self.chip("--layers", "64,12,10", "--set", f"chip.synapse_pulses={last['analog/pulses_per_synapse']!r}",
                             "--set", f"chip.correction_pulses={corrections!r}",
                             "--set", "chip.transfer_interval=500", "--set", "chip.rows=40")
        self.assertEqual(again["terms"], report["terms"])
        _, inputs = self.chip("--run", "latest", "--set", "chip.rows=128", "--set", "chip.synapse_pulses=0.5")
        self.assertEqual((inputs["chip.rows"], inputs["chip.synapse_pulses"], inputs["chip.transfer_interval"]),
                         (128, 0.5, 500))

    def test_a_damaged_checkpoint_costs_the_energy_alone_and_is_named(self):
        folder, _, pictures = self.train("epochs=1", "tile.kind=nature")
        model = glob.glob(os.path.join(folder, "checkpoints", "*", "model.safetensors"))[-1]
        with open(model, "r+b") as file:
            file.truncate(100)
        out, err = self.run_quern("show", "latest")
        self.assertIn("energy.svg is not drawn", err)
        self.assertIn(os.path.relpath(model, os.path.realpath(self.path(""))), err)
        drawn = [os.path.basename(line.split()[-1]) for line in out.splitlines() if line.startswith("picture")]
        self.assertEqual(sorted([*drawn, "energy.svg"]), pictures)

    def test_without_transfers_none_are_paid_for(self):
        self.train("epochs=1", "tile.kind=nature", "nature.transfer=false")
        report, _ = self.chip("--run", "latest")
        self.assertEqual({term["energy_j"] for term in report["terms"] if term["pass"] == "transfer"}, {0})

    def test_runs_on_other_cells_get_no_cost(self):
        common = ["accuracy.svg", "loss.svg", "weights.svg"]
        for settings, pictures, says in (
                (("tile.kind=rpu",), common, "kind rpu"),
                (("tile.kind=ideal",), common, "kind ideal"),
                (("tile.kind=rpu", "tile.count_pulses=true"), common + ["pulses.svg"], "kind rpu"),
                (("tile.kind=tiki-taka", "tile.count_pulses=true"), common + ["pulses.svg"], "kind tiki-taka"),
                (("device.preset=pcm_pair",), common + ["conductances.svg"], "kind rpu"),
                (("tile.kind=nature", "nature.pcm_only=true", "nature.transfer_interval=1000"),
                 common + ["conductances.svg", "pulses.svg"], "nature.pcm_only")):
            with self.subTest(settings=settings):
                folder, records, drawn = self.train("epochs=1", *settings)
                self.assertEqual(drawn, sorted(pictures))
                self.fails("chip", "--run", "latest", code=1, says=[os.path.basename(folder), says], hint="--layers")
                media, synapses = os.path.join(folder, "media"), 65 * 12 + 13 * 10
                if "tile.kind=tiki-taka" in settings:
                    for tile in ("fast", "slow"):
                        self.assertIn(f"{tile} tiles", self.texts(media, "pulses.svg"))
                        self.assertEqual(sum(records[0][f"histogram/{tile}_pulses"]["counts"]), synapses)
                elif "device.preset=pcm_pair" in settings:
                    self.assertIn("conductance (weight)", self.texts(media, "conductances.svg"))
                    self.assertEqual(sum(records[0]["histogram/conductance"]["counts"]), 2 * synapses)
                elif "pulses.svg" in drawn:
                    self.assertEqual(sum(records[0]["histogram/pulses"]["counts"]), synapses)

    def test_the_cost_needs_a_run_that_knows_it(self):
        self.make_run("aaaa", "evolve", [{"generation": 1}])
        self.fails("chip", "--run", "aaaa", code=1, says=["kind evolve"], hint="chip.synapse_pulses")
        self.make_run("bbbb", "analog", [{"epoch": 1}], '[tile]\nkind = "nature"\n')
        self.fails("chip", "--run", "bbbb", code=1, says=["analog/pulses_per_synapse"], hint="chip.synapse_pulses")
        self.make_run("cccc", "analog", self.analog_records(), '[tile]\nkind = "nature"\n')
        self.fails("chip", "--run", "cccc", code=1, says=["no checkpoint yet"], hint="--layers")

    def test_a_run_that_is_not_there(self):
        _, err = self.run_quern("show", "zzzz", code=1)
        self.assertIn("zzzz", err)


if __name__ == "__main__":
    unittest.main()
