"""Nothing prints, exits or leaks: many vectors and interfaces made and dropped, and a long run of many environments.

QUERN_SOAK_CREATE, QUERN_SOAK_ENVS and QUERN_SOAK_STEPS say how many; tests/house/asan_python.sh runs it under
AddressSanitizer.
"""

import os
import subprocess
import sys
import unittest

try:
    import gymnasium  # noqa: F401
    import numpy as np

    import quern
except ImportError:
    print("SKIPPED: gymnasium is not installed")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

CREATE = int(os.environ.get("QUERN_SOAK_CREATE", 300))
ENVS = int(os.environ.get("QUERN_SOAK_ENVS", 20))
STEPS = int(os.environ.get("QUERN_SOAK_STEPS", 300))
MOST_GROWTH = 24 << 20  # bytes, beyond what the first tenth took


def resident_bytes():
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def watch_growth(work, times):
    """Calls work(i) so many times; after the first tenth no more memory may be taken."""
    settled = 0
    for i in range(times):
        work(i)
        if i == times // 10:
            settled = resident_bytes()
    grown = resident_bytes() - settled
    assert grown < MOST_GROWTH, f"{work.__name__}: {grown >> 20} MiB more after {times} times than after {times // 10}"


def create_and_drop(i):
    vector = quern.make_vec("gleaner", 1 + i % 3, 1 + i % 2, batch_size=i % 2, autoreset_mode=("NextStep", "SameStep")[i % 2])
    if i % 3 == 0:
        observations, _ = vector.reset(seed=i)
        vector.send(np.ones(len(observations), int))  # dropped while it works
    if i % 5 == 0:
        vector.close()
    ale = quern.ALEInterface()
    ale.loadROM("gleaner")
    state = ale.cloneState()
    ale.act(1)
    ale.restoreState(state)


def child():
    watch_growth(create_and_drop, CREATE)
    vector = quern.make_vec("gleaner", ENVS, autoreset_mode="SameStep")
    rng = np.random.default_rng(1)
    vector.reset(seed=1)
    held = []

    def step(i):
        observations, *_ = vector.step(rng.integers(0, 3, ENVS))
        held.append(observations)
        if len(held) > 8:
            held.pop(int(rng.integers(8)))

    watch_growth(step, STEPS)


class Soak(unittest.TestCase):
    def test_nothing_prints_exits_or_leaks(self):
        done = subprocess.run([sys.executable, __file__, "child"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


if __name__ == "__main__":
    if sys.argv[1:] == ["child"]:
        child()
    else:
        unittest.main()
