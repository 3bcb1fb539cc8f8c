"""What one pulse does, by ours and by aihwkit's C++ core at equal parameters: mean, variance and asymmetry of a million
pulses within 4 standard errors of each other.

AIHWKIT_DRIVER: the program that bench/peers/build_aihwkit makes; without it nothing is compared.
"""

import json
import math
import os
import subprocess
import sys
import unittest

DRIVER = os.environ.get("AIHWKIT_DRIVER", "")
if not os.access(DRIVER, os.X_OK):
    print("SKIPPED: AIHWKIT_DRIVER names no program, nothing was compared (bench/peers/build_aihwkit makes it)")
    sys.exit(77)

COUNT = 1_000_000
STANDARD_ERRORS = 4
# aihwkit draws every deviate from one table of so many, whose own mean and variance are a sample's.
PEER_TABLE = 32768


def moments(*command):
    done = subprocess.run([*command, str(COUNT)], capture_output=True, check=True, text=True)
    return json.loads(done.stdout)


def errors_squared(count, of):
    return of["variance"] / count, (of["fourth"] - of["variance"] ** 2) / count


class Pulses(unittest.TestCase):
    def compare(self, model, weight):
        ours = moments(os.environ["PULSE_STATISTICS"], model, str(weight))
        peers = moments(DRIVER, "pulses", model, str(weight))
        for name in ("up", "down", "asymmetry"):
            mine, theirs = ours[name], peers[name]
            mean, variance = (a + b for a, b in zip(errors_squared(ours["count"], mine),
                                                    errors_squared(peers["count"], theirs), strict=True))
            spread = math.sqrt(theirs["variance"])
            if name == "asymmetry":  # the table's mean counts in both directions
                spread = math.sqrt(peers["up"]["variance"]) + math.sqrt(peers["down"]["variance"])
            mean += spread**2 / PEER_TABLE
            variance += 2 * theirs["variance"] ** 2 / PEER_TABLE
            for what, error in (("mean", math.sqrt(mean)), ("variance", math.sqrt(variance))):
                difference = (mine[what] - theirs[what]) / error
                print(f"{model} at {weight}, {name}: {what} {mine[what]:.6g}, aihwkit's {theirs[what]:.6g}, "
                      f"{difference:+.2f} standard errors")
                with self.subTest(model=model, weight=weight, name=name, what=what):
                    self.assertLess(abs(difference), STANDARD_ERRORS)

    def test_constant_step(self):
        self.compare("rpu", 0)

    def test_soft_bounds(self):
        for weight in (-0.3, 0.2):
            self.compare("soft-bounds", weight)

    def test_exponential_step(self):
        for weight in (-0.1, 0.1, 0.3):
            self.compare("exponential", weight)

    def test_pcm(self):
        for weight in (0.4, 0.8):
            self.compare("pcm", weight)


if __name__ == "__main__":
    unittest.main()
