"""Tables, and what a result must say about where it was measured."""

import importlib.metadata
import platform
import statistics
import subprocess
from pathlib import Path

INSTRUCTION_SETS = ("sse4_2", "avx2", "bmi2", "fma", "avx512f", "avx512bw", "avx512vl", "avx512vbmi", "gfni")


class Table:
    """Prints rows as they come: names of columns and their widths; a missing value is a dash."""

    def __init__(self, columns):
        self.columns = columns
        print("".join(name.replace("_", " ").rjust(width) for name, width in columns.items()), flush=True)

    def print_row(self, row):
        def cell(value):
            if value is None:
                return "-"
            return value if isinstance(value, str) else f"{value:.2f}" if abs(value) < 1000 else f"{value:.0f}"

        print("".join(cell(row.get(name)).rjust(width) for name, width in self.columns.items()), flush=True)

    def print_median(self, rows):
        label, *numbers = self.columns
        values = {name: [row[name] for row in rows if row.get(name) is not None] for name in numbers}
        self.print_row({label: "median"} | {name: statistics.median(v) for name, v in values.items() if v})


def version_of(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def describe_machine():
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    fields = dict(line.split(":", 1) for line in text.split("\n\n")[0].splitlines() if ":" in line)
    fields = {name.strip(): value.strip() for name, value in fields.items()}
    flags = fields.get("flags", "").split()
    return {"cpu": fields.get("model name", "unknown"), "cores": text.count("processor\t:"),
            "instruction_sets": [name for name in INSTRUCTION_SETS if name in flags], "system": platform.release()}


def describe_versions():
    def git(*words):
        done = subprocess.run(["git", *words], cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    return {"quern_commit": git("rev-parse", "--short", "HEAD") or None,
            "quern_uncommitted_changes": bool(git("status", "--porcelain", "--untracked-files=no")),
            "python": platform.python_version()} | {name: version_of(name) for name in ("ale-py", "envpool", "numpy")}
