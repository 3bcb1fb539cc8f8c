"""quern show: summaries and pictures of run directories that these tests write by hand."""

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
                 "histogram/conductance_after_transfer": histogram(7, 2, unit="\u00b5S")} for i in range(1, 6)]

    def test_an_analog_run_gets_all_its_pictures(self):
        folder = self.make_run("aaaa", "analog", self.analog_records())
        out, err = self.run_quern("show", "aaaa")
        self.assertEqual(err, "")
        media = os.path.join(folder, "media")
        self.assertEqual(sorted(os.listdir(media)), ["accuracy.svg", "conductances.svg", "energy.svg", "loss.svg",
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

    def test_the_cost_takes_the_pulses_of_a_run(self):
        self.make_run("aaaa", "analog", self.analog_records())
        out, _ = self.run_quern("chip", "--json", "--run", "aaaa")
        values = {entry["key"]: entry["value"] for entry in json.loads(out)["inputs"]}
        self.assertEqual(values["chip.synapse_pulses"], 0.05)
        self.make_run("bbbb", "evolve", [{"generation": 1}])
        _, err = self.run_quern("chip", "--run", "bbbb", code=1)
        self.assertIn("analog/pulses_per_synapse", err)
        self.assertIn("chip.synapse_pulses", err)

    def test_a_run_that_is_not_there(self):
        _, err = self.run_quern("show", "zzzz", code=1)
        self.assertIn("zzzz", err)


if __name__ == "__main__":
    unittest.main()
