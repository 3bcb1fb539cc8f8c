"""Devices fitted to measured pulses: from a CSV to a run, and what is wrong with one is said."""

import csv
import io
import json
import os
import unittest

from quern_program import ProgramTest


class Device(ProgramTest):
    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def sample(self, *arguments):
        out, _ = self.run_quern("device", "sample", *arguments)
        return out

    def test_a_sampled_file_is_fitted_and_trained_on(self):
        self.run_quern("device", "sample", "ecram_like", "--devices", "20", "-o", self.path("pulses.csv"))
        out, err = self.run_quern("device", "fit", self.path("pulses.csv"), "-o", self.path("device.toml"),
                                  "--svg", self.path("fit.svg"))
        self.assertIn("20 devices, 120000 pulses up and 120000 down", out)
        self.assertRegex(out, r"linear-step +0\.0 +1\.\d")
        self.assertRegex(out, r"device\.step +0\.00\d+ \+- ")
        self.assertIn("note: lifetime", out)
        self.assertIn("quern analog " + self.path("device.toml"), err)
        with open(self.path("fit.svg"), encoding="utf-8") as file:
            self.assertIn("up, fitted", file.read())
        with open(self.path("device.toml"), encoding="utf-8") as file:
            text = file.read()
        self.assertTrue(text.startswith("# Fitted to "))
        self.assertIn('preset = "linear-step"', text)
        _, err = self.run_quern("analog", self.path("device.toml"), "--set", "epochs=2")
        self.assertIn("devices linear-step", err)
        # The run's own configuration is enough to train on such devices again, and to sample them.
        config = os.path.join(self.run_folder(), "config.toml")
        again = self.sample(config, "--devices", "2", "--ramps", "1", "--pulses", "5")
        self.assertEqual(again, self.sample(self.path("device.toml"), "--devices", "2", "--ramps", "1", "--pulses", "5"))

    def test_a_table_goes_through_the_configuration_too(self):
        self.run_quern("device", "sample", "capacitor", "--devices", "5", "-o", self.path("pulses.csv"))
        out, _ = self.run_quern("device", "fit", self.path("pulses.csv"), "--model", "table-step", "-o", self.path("table.toml"))
        self.assertIn("device.points: weight", out)
        self.run_quern("analog", self.path("table.toml"), "--set", "epochs=1")
        config = os.path.join(self.run_folder(), "config.toml")
        with open(config, encoding="utf-8") as file:
            self.assertEqual(file.read().split('points = "')[1].split('"')[0].count(":"), 32)
        self.run_quern("analog", config, "--dry-run")

    def test_conductances_are_scaled_to_weights(self):
        rows = list(csv.DictReader(io.StringIO(self.sample("capacitor", "--devices", "6"))))
        text = "device,time,direction,conductance\n" + "".join(
            f"{r['device']},{i},{r['direction']},{25 + 10 * float(r['weight']):.6f}\n" for i, r in enumerate(rows))
        out, _ = self.run_quern("device", "fit", self.write("g.csv", text), "--conductances", "15,35", "--json")
        result = json.loads(out)
        self.assertEqual((result["conductances"], result["weights"], result["devices"]), ([15, 35], [-1, 1], 6))
        best = result["models"][0]
        self.assertEqual(best["model"], "linear-step")
        step = best["parameters"]["step"]
        self.assertLess(abs(step["value"] - 0.005), 4 * step["standard_error"])
        self.assertIn('preset = "linear-step"', result["config"])
        # Steps that fall in a line are the limit of exponentials that hardly bend.
        self.assertEqual([model["model"] for model in result["models"] if model["at_limit"]], ["exponential-step"])
        self.assertEqual(result["unfitted"], {})
        name = self.path("g\udcff.csv")  # a byte that is no UTF-8
        os.rename(self.path("g.csv"), name)
        out, _ = self.run_quern("device", "fit", name, "--json", "-o", self.path("g.toml"))
        self.run_quern("analog", self.path("g.toml"), "--dry-run")
        self.assertTrue(json.loads(out)["file"].endswith("g\ufffd.csv"))
        os.rename(name, self.path("g.csv"))
        out, _ = self.run_quern("device", "fit", self.path("g.csv"), "--weights", "0,1")
        self.assertRegex(out, r"conductance 1\d\.\d+ is weight 0, 3\d\.\d+ is 1: the mean smallest and largest")

    def test_what_a_model_cannot_be_is_said(self):
        self.run_quern("device", "sample", "rpu_baseline", "--devices", "6", "-o", self.path("pulses.csv"))
        out, _ = self.run_quern("device", "fit", self.path("pulses.csv"))
        self.assertRegex(out, r"exponential-step +0\.0 +1\.\d+  at the limit of its curves")
        # Pulses up that raise the weight below 0, unevenly, and lower it a little above: no constant step up.
        rows = ["direction,weight"]
        for direction, start, pulses in (("up", -1, 16), ("up", 0.9, 100), ("down", 0.9, 60)) * 10:
            rows.append(f"none,{start}")
            for k in range(pulses):
                start += -0.02 if direction == "down" else -0.002 if start > 0 else 0.1 if k % 2 == 0 else 0
                rows.append(f"{direction},{start:.6f}")
        path = self.write("uneven.csv", "\n".join(rows))
        out, _ = self.run_quern("device", "fit", path)
        self.assertRegex(out, r"constant-step +not possible: device constant-step: up_down is -1\.")
        out, _ = self.run_quern("device", "fit", path, "--json")
        self.assertEqual(list(json.loads(out)["unfitted"]), ["constant-step", "soft-bounds"])

    def test_samples_can_be_changed_and_repeated(self):
        small = ("--devices", "2", "--ramps", "2", "--pulses", "3")
        self.assertEqual(self.sample("pcm", *small), self.sample("pcm", *small))
        self.assertNotEqual(self.sample("pcm", *small), self.sample("pcm", *small, "--seed", "2"))
        out = self.sample("linear-step", *small, "--set", "device.step=0.25", "--set", "device.step_d2d=0",
                          "--set", "device.step_c2c=0", "--set", "device.up_down_d2d=0", "--set", "device.gamma_up_d2d=0",
                          "--set", "device.w_max_d2d=0")
        self.assertEqual(out.splitlines()[:4], ["device,direction,weight", "d0,none,0", "d0,up,0.25", "d0,up,0.5"])

    def test_what_is_wrong_is_said(self):
        fit = ("device", "fit")
        self.fails(*fit, self.path("none.csv"), code=1, says=["none.csv"])
        self.fails(*fit, self.write("a.csv", "direction,weight\nup,zero\n"), code=1, says=["a.csv: line 2", "'zero'"],
                   hint="direction none")
        self.fails(*fit, self.write("b.csv", "direction,g\nup,1\n"), code=1, says=["line 1", "conductance"],
                   hint="device,direction,weight")
        ramp = "direction,weight\nnone,0\n" + "".join(f"up,{k}\n" for k in range(1, 30))
        self.fails(*fit, self.write("c.csv", ramp), code=1, says=["no pulse down"], hint="both directions")
        self.fails(*fit, self.write("d.csv", "Devices,direction,weight\n1,none,0\n"), code=1,
                   says=["line 1", "'devices' and none 'device'"], hint="name it 'device'")
        self.fails(*fit, self.path("c.csv"), "--model", "linear", code=2, says=["linear"], hint="linear-step")
        self.fails(*fit, self.path("c.csv"), "--weights", "1", code=2, says=["two numbers"], hint="--weights 0,1")
        self.fails(*fit, self.path("c.csv"), "--conductances", "1,2", code=2, says=["holds weights"])
        self.fails(*fit, self.path("c.csv"), "--read-noise=-1", code=2, says=["read noise"])
        for option in ("-o", "--svg"):
            self.fails(*fit, self.path("c.csv"), option, self.path("c.csv"), code=2, says=["write over"], hint="another file")
        with open(self.path("c.csv"), encoding="utf-8") as file:
            self.assertEqual(file.read(), ramp)
        self.fails("device", "sample", "ecram", code=1, says=["ecram"], hint="ecram_like")
        self.fails("device", "sample", "pcm", "--devices", "0", code=2, says=["devices is 0"])
        self.fails("device", "sample", "pcm", "--set", "device.stap=1", code=2, says=["device.step"])
        self.fails("device", "sample", self.write("d.toml", "tile.kind = 'nature'\n"), code=2, says=["nature"])
        self.fails("analog", "--set", "device.preset=table-step", "--set", "device.points=1:2", code=2,
                   says=["device.points", "point 1"], hint="weight:up:down")


if __name__ == "__main__":
    unittest.main()
