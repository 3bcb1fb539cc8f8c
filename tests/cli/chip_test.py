"""quern chip: the cost model as people use it."""

import json
import unittest
import xml.etree.ElementTree

from quern_program import ProgramTest


class Chip(ProgramTest):
    def chip(self, *arguments):
        out, err = self.run_quern("chip", "--json", *arguments)
        self.assertEqual(err, "")
        return json.loads(out)

    def test_the_report_stands_beside_the_published_figures(self):
        out, _ = self.run_quern("chip")
        for text in ("one whole tile: 262144 synapses on 1 tile", "2.806e+04", "GOP/s/W", "3.6", "TOP/s/mm2", "213.8",
                     "The ratio is left unexplained", "UNVERIFIED", "V100", "converters", "an input doubled"):
            self.assertIn(text, out)

    def test_terms_add_up_and_every_input_has_a_source(self):
        report = self.chip()
        total = sum(term["energy_j"] for term in report["terms"])
        self.assertAlmostEqual(total / report["training"]["energy_j"], 1, places=12)
        forward = sum(term["energy_j"] for term in report["terms"] if term["pass"] == "forward")
        self.assertAlmostEqual(forward / report["inference"]["energy_j"], 1, places=12)
        self.assertEqual(report["training"]["operations"], 6 * 512 * 512)
        for entry in report["inputs"]:
            self.assertTrue(entry["source"], entry)
            self.assertTrue(entry["unit"], entry)
        self.assertEqual(len(report["sensitivity"]), len(report["inputs"]) - 3)

    def test_an_input_can_be_changed_and_moves_its_share(self):
        before, after = self.chip(), self.chip("--set", "chip.converter_energy=19.9")
        share = sum(term["energy_j"] for term in before["terms"] if term["part"] == "converters")
        moved = after["training"]["energy_j"] - before["training"]["energy_j"]
        self.assertAlmostEqual(moved / share, 1, places=9)
        listed = {row["input"]: row["energy"] for row in before["sensitivity"]}
        self.assertAlmostEqual(after["training"]["energy_j"] / before["training"]["energy_j"],
                               listed["chip.converter_energy"], places=12)

    def test_a_network_node_and_file_aim_it_elsewhere(self):
        with open(self.path("small.toml"), "w", encoding="utf-8") as file:
            file.write("[chip]\nnode = 45\nrows = 256\ncolumns = 128\n")
        out, _ = self.run_quern("chip", "small.toml", "--layers", "528,250,125,10")
        self.assertIn("45 nm, tiles of 256 x 128", out)
        self.assertIn("network 528-250-125-10: 164885 synapses on 8 tiles", out)

    def test_the_breakdown_is_drawn(self):
        self.run_quern("chip", "--svg", "energy.svg")
        root = xml.etree.ElementTree.parse(self.path("energy.svg")).getroot()
        texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
        for text in ("converters", "leakage", "forward", "transfer", "energy (fJ per synapse and example)"):
            self.assertIn(text, texts)

    def test_options_are_listed_with_unit_and_source(self):
        out, _ = self.run_quern("chip", "--list-options", "--set", "chip.node=22")
        self.assertRegex(out, r"chip.supply +0.8 V .*\[CACTI")
        self.assertRegex(out, r"chip.read_voltage .*\[UNVERIFIED")

    def test_wrong_inputs_are_named(self):
        for arguments, says in ((("--set", "chip.row=3"), "chip.rows"), (("--set", "chip.node=14"), "90, 45, 22"),
                                (("--set", "chip.rows=0"), "chip.rows"), (("--layers", "10"), "two sizes"),
                                (("--set", "chip.converter_neurons=0"), "chip.converter_neurons")):
            _, err = self.run_quern("chip", *arguments, code=2)
            self.assertIn(says, err)


if __name__ == "__main__":
    unittest.main()
