"""quern speed: what it prints for people and for programs."""

import json
import re
import unittest

from quern_program import ProgramTest


def seconds_of(text):
    """Of a duration as the program prints it: 5.0 s, 3:20, 1:03:20 or 2 d 01:03:20."""
    days, _, rest = text.rpartition(" d ")
    parts = [float(part) for part in rest.removesuffix(" s").split(":")]
    return sum(part * 60**i for i, part in enumerate(reversed(parts))) + 86400 * int(days or 0)


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
            self.assertEqual([run["frames"] for run in row["runs"]], [200e6, 6e9])
            for run in row["runs"]:
                self.assertAlmostEqual(run["seconds"] * row["frames_per_s"] / run["frames"], 1)

    def test_says_how_long_the_two_published_runs_would_take(self):
        out, _ = self.run_quern("speed", *self.QUICK, "-j", "2")
        header, *rows = out.splitlines()[2:]
        self.assertTrue(header.endswith("200 M 6 G frames"), header)
        self.assertEqual(len(rows), 2)
        for row in rows:
            frames_per_s = int(row.split()[1])
            *_, short, long = re.findall(r"(?:\d+ d )?[\d:.]*\d(?: s\b)?", row)
            for text, frames in ((short, 200e6), (long, 6e9)):
                self.assertAlmostEqual(seconds_of(text) * frames_per_s / frames, 1, delta=0.01)

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
