"""quern speed: what it prints for people and for programs."""

import json
import unittest

from quern_program import ProgramTest


class Speed(ProgramTest):
    QUICK = ["--network", "tiny", "--seconds", "0.1", "--max-decisions", "20"]

    def test_reports_one_line_for_each_number_of_threads(self):
        out, _ = self.run_quern("speed", *self.QUICK, "-j", "3", "--json")
        report = json.loads(out)
        self.assertEqual((report["game"], report["network"]), ("gleaner", "tiny"))
        self.assertEqual([row["threads"] for row in report["results"]], [1, 2, 3])
        for row in report["results"]:
            self.assertEqual(row["frames"], 4 * row["decisions"])
            self.assertAlmostEqual(row["frames_per_s"] * row["elapsed_s"], row["frames"], delta=1)
            self.assertGreater(row["policy_s"], 0)
            self.assertLessEqual(row["useful_share"], 1.01)

    def test_every_kernel_of_this_machine_can_be_chosen(self):
        out, _ = self.run_quern("doctor", "--json")
        kernels = next(check["text"] for check in json.loads(out) if check["check"] == "policy kernels")
        for kernel in kernels.split(", "):
            out, _ = self.run_quern("speed", *self.QUICK, "-j", "1", "--kernel", kernel)
            self.assertIn(f"kernel {kernel}", out)

    def test_unknown_kernels_are_named_with_those_there_are(self):
        out, err = self.run_quern("speed", "--kernel", "abacus", code=2)
        self.assertEqual(out, "")
        self.assertIn("no kernel 'abacus'", err)
        self.assertIn("hint: it has reference", err)


if __name__ == "__main__":
    unittest.main()
