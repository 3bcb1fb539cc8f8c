"""The source package builds and works without dasm: it carries the assembled bytes of the free game."""

import os
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLAY = """
import quern
ale = quern.ALEInterface()
ale.loadROM("gleaner")
assert ale.getScreenRGB().shape == (210, 160, 3)
for action in [3, 4] * 100:
    ale.act(action)
assert ale.getFrameNumber() == 200 and ale.lives() > 0
vector = quern.make_vec("gleaner", 2)
assert vector.reset(seed=1)[0].shape == (2, 4, 84, 84)
run = quern.evolve(options={"network": "tiny", "frames": 1000, "evolve.population": 2, "evolve.selection_threshold": 1,
                            "evolve.validation_episodes": 1, "evolve.test_episodes": 0}, runs="runs")
assert run.policy()(vector.reset(seed=1)[0]).shape == (2,)
trained = quern.analog.run({"epochs": 1}, runs="runs")
assert trained.test_accuracy > 0.5
assert quern.analog.Tile(10, 64).forward(quern.analog.load_data()[0]).shape == (1437, 10)
print(quern.__file__)
"""

try:
    import scikit_build_core  # noqa: F401
except ImportError:
    print("SKIPPED: scikit-build-core is not installed, nothing was built")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done.stdout


class Package(unittest.TestCase):
    def test_the_examples_are_python(self):
        for example in (ROOT / "examples").glob("*.py"):
            compile(example.read_text(encoding="utf-8"), example, "exec")

    def test_the_source_package_builds_without_dasm(self):
        left_behind = ROOT / "games_src" / "gleaner.bin"
        if not left_behind.exists():
            self.addCleanup(left_behind.unlink)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            run(sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", name, str(ROOT))
            package = next(folder.glob("quern-*.tar.gz"))
            with tarfile.open(package) as archive:
                archive.extractall(folder)
            source = folder / package.name.removesuffix(".tar.gz")
            assembled = folder / "assembled.bin"
            run("dasm", "gleaner.asm", "-f3", f"-o{assembled}", cwd=ROOT / "games_src")
            self.assertEqual((source / "games_src" / "gleaner.bin").read_bytes(), assembled.read_bytes())

            site = folder / "site"
            run(sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", "--no-index",
                "--config-settings=cmake.define.DASM=", f"--target={site}", str(source))
            shown = run(sys.executable, "-c", PLAY, cwd=folder, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site)})
            self.assertEqual(Path(shown.strip()).parent, site / "quern")
            self.assertTrue((site / "quern" / "py.typed").is_file())
            self.assertIn("class ALEInterface", (site / "quern" / "_quern.pyi").read_text())


if __name__ == "__main__":
    unittest.main()
