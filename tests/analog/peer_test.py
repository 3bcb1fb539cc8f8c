"""What one pulse does, by ours and by aihwkit's C++ core at equal parameters: mean, variance and asymmetry of a million
pulses within 4 standard errors of each other.

AIHWKIT_DRIVER: the program that bench/peers/build_aihwkit makes; without it nothing is compared. Where aihwkit_train lies
beside it, also what a fixed gradient does to the matrices and the buffer of Tiki-Taka (bench/transfer_moments.h).
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

TRAIN = os.path.join(os.path.dirname(DRIVER), "aihwkit_train")
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


# Of the deviates of both programs: of steps from pulse to pulse, and of a read, beside a typical value of the fast matrix.
DEVIATES = 0.3 + 0.06 / 0.3


@unittest.skipUnless(os.access(TRAIN, os.X_OK), "no aihwkit_train beside AIHWKIT_DRIVER")
class Transfers(unittest.TestCase):
    def compare(self, case):
        ours, peers = (json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
                       for command in ([os.environ["TRANSFER_STATISTICS"], case], [TRAIN, "transfer", case]))
        for name in ("fast", "slow", "buffer"):
            mine, theirs = ours[name], peers[name]
            for what, power in (("mean", 1), ("square", 2)):
                table = power * DEVIATES * theirs[what] / math.sqrt(PEER_TABLE)
                error = math.hypot(mine[f"{what}_error"], theirs[f"{what}_error"], table)
                difference = (mine[what] - theirs[what]) / error if error else 0
                print(f"{case}, {name}: {what} {mine[what]:.6g}, aihwkit's {theirs[what]:.6g}, "
                      f"{difference:+.2f} standard errors")
                with self.subTest(case=case, name=name, what=what):
                    self.assertLess(abs(difference), STANDARD_ERRORS)

    def test_version_1(self):
        self.compare("version-1")

    def test_version_2(self):
        self.compare("version-2")

    def test_version_2_with_scales(self):
        self.compare("version-2-auto")


if __name__ == "__main__":
    unittest.main()
