"""Runs the program in a folder of its own, for the tests of the command line."""

import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ.get("QUERN", "")


class ProgramTest(unittest.TestCase):
    """A test with an empty working folder, and no ROMs but those it puts there."""

    def setUp(self):
        if not PROGRAM:
            sys.exit("set QUERN to the program under test")
        self.folder = tempfile.TemporaryDirectory(prefix="quern-test-")
        self.addCleanup(self.folder.cleanup)
        self.env = {**os.environ, "QUERN_ROMS": "", "VIRTUAL_ENV": "", "NO_COLOR": "1"}

    def path(self, *parts):
        return os.path.join(self.folder.name, *parts)

    def start(self, *arguments):
        return subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder.name, env=self.env,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run_quern(self, *arguments, code=0):
        process = self.start(*arguments)
        out, err = process.communicate(timeout=600)
        self.assertEqual(process.returncode, code, f"{arguments}\nstdout: {out}\nstderr: {err}")
        return out, err

    def run_folder(self):
        """The only run directory."""
        (name,) = [n for n in os.listdir(self.path("runs")) if n != "latest" and not n.startswith(".")]
        return self.path("runs", name)
