#!/usr/bin/env python3
"""The checks of the house fail where they must: each runs over a small tree that breaks one rule."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def run(tool: str, files: dict[str, str]) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return subprocess.run([sys.executable, TOOLS / tool, folder], capture_output=True, text=True, check=False)


class Layers(unittest.TestCase):
    def accepts(self, files: dict[str, str]):
        result = run("check_layers", files)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def rejects(self, files: dict[str, str], *expected: str):
        result = run("check_layers", files)
        self.assertEqual(result.returncode, 1)
        for text in expected:
            self.assertIn(text, result.stderr)

    def test_accepts_what_the_table_allows(self):
        self.accepts(
            {
                "quern/envs/a.h": '#include <vector>\n#include "quern/envs/b.h"\n#include "quern/games/c.h"\n',
                "quern/cli/main.cpp": '#include "quern/evolve/d.h"\n// #include "quern/train/e.h"\n',
                "quern/cli/version.cpp": '#include "quern_version.h"\n',
                "python/module.cpp": '#include "quern/envs/a.h"\n#include "python/b.h"\n#include "games_src/free_game.h"\n',
            }
        )

    def test_rejects_an_include_of_a_layer_above_with_file_and_line(self):
        self.rejects(
            {"quern/atari/a.cpp": '#include <array>\n\n#include "quern/games/game.h"\n'},
            'quern/atari/a.cpp:3: "quern/games/game.h": atari may include only: base',
        )

    def test_rejects_any_include_of_ours_in_base(self):
        self.rejects({"quern/base/a.h": '#include "quern/run/options.h"\n'}, "nothing of ours")

    def test_rejects_train_in_cli(self):
        self.rejects({"quern/cli/a.cpp": '#  include <quern/train/model.h>\n'}, "quern/cli/a.cpp:1:")

    def test_rejects_the_layers_that_python_may_not_hold(self):
        self.rejects({"python/a.cpp": '#include "quern/media/image.h"\n', "quern/base/b.h": ""}, "python/a.cpp:1:")

    def test_rejects_ways_around_the_folder_names(self):
        self.rejects({"quern/run/a.cpp": '#include "../evolve/ga.h"\n'}, "quern/run/a.cpp:1:")
        self.rejects({"quern/run/a.cpp": '#include "quern/run/../evolve/ga.h"\n'}, "quern/run/a.cpp:1:")
        self.rejects({"quern/run/a.cpp": '#include "options.h"\n'}, "quern/run/a.cpp:1:")
        self.rejects({"quern/run/a.cpp": '#include <./quern/evolve/ga.h>\n'}, "quern/run/a.cpp:1:")
        self.rejects({"python/a.cpp": '#include "python/../quern/media/image.h"\n'}, "python/a.cpp:1:")

    def test_rejects_the_free_game_outside_the_program(self):
        self.rejects({"quern/games/a.cpp": '#include "games_src/free_game.h"\n'}, "quern/games/a.cpp:1:")
        self.rejects({"quern/cli/a.cpp": '#include "python/a.h"\n'}, "quern/cli/a.cpp:1:")

    def test_rejects_a_folder_that_the_table_does_not_have(self):
        self.rejects({"quern/extra/a.h": ""}, "quern/extra/a.h:1: this folder has no place")
        self.rejects({"quern/a.h": ""}, "quern/a.h:1: this folder has no place")
        self.rejects({"quern/base/a.h": '#include "quern/extra/b.h"\n'}, "quern/base/a.h:1:")

    def test_holds_the_order_of_the_rooms_of_a_folder(self):
        self.accepts({"quern/analog/tile/a.cpp": '#include "quern/analog/tile/b.h"\n#include "quern/analog/device/c.h"\n',
                      "quern/cli/a.cpp": '#include "quern/analog/chip/d.h"\n'})
        self.rejects({"quern/analog/device/a.cpp": '#include "quern/analog/tile/b.h"\n'},
                     'quern/analog/device/a.cpp:1: "quern/analog/tile/b.h": of its own folder quern/analog/device may include '
                     "only: quern/analog/device quern/analog/kernels")
        self.rejects({"quern/evolve/a.cpp": '#include "quern/evolve/explore/b.h"\n'}, "quern/evolve may include only: quern/evolve\n")

    def test_rejects_private_files_of_another_folder(self):
        self.accepts({"quern/atari/a.cpp": '#include "quern/atari/b_impl.h"\n'})
        self.rejects({"quern/envs/a.cpp": '#include "quern/atari/b_impl.h"\n'}, "private to atari")
        self.rejects({"quern/cli/a.cpp": '#include "quern/atari/fast/b_impl.h"\n'}, "private to atari")

    def test_rejects_a_room_that_the_table_does_not_have(self):
        self.rejects({"quern/analog/attic/a.h": ""}, "quern/analog/attic/a.h:1: this folder has no place")
        self.rejects({"quern/analog/a.h": ""}, "quern/analog/a.h:1: this folder has no place")
        self.rejects({"quern/base/attic/a.h": ""}, "quern/base/attic/a.h:1: this folder has no place")
        self.rejects({"quern/cli/a.cpp": '#include "quern/analog/a.h"\n'}, "quern/cli/a.cpp:1:")

    def test_rejects_an_empty_tree(self):
        self.rejects({"README.md": ""}, "no C++ file")


class Quiet(unittest.TestCase):
    def rejects(self, line: str, file: str = "quern/run/a.cpp"):
        result = run("check_quiet", {file: f"// a file\n{line}\n"})
        self.assertEqual(result.returncode, 1, line)
        self.assertIn(f"{file}:2:", result.stderr)

    def accepts(self, line: str, file: str = "quern/run/a.cpp"):
        result = run("check_quiet", {"quern/base/b.h": "", file: f"{line}\n"})
        self.assertEqual((result.returncode, result.stderr), (0, ""), line)

    def test_rejects_printing(self):
        for line in [
            "std::cout << 1;",
            "std::cerr << 1;",
            'printf("x");',
            'std::fprintf(stderr, "x");',
            'fmt::print("x");',
            'std::puts("x");',
            "#include <iostream>",
        ]:
            self.rejects(line)

    def test_rejects_the_end_of_the_process_and_hidden_inputs(self):
        for line in ["std::exit(1);", "_exit(1);", "std::abort();", "std::chrono::steady_clock::now();", "time(nullptr);"]:
            self.rejects(line)
        self.rejects("std::random_device device;")

    def test_accepts_formatting_comments_text_and_look_alikes(self):
        for line in [
            'std::snprintf(buffer, 8, "%d", 1);',
            "// std::cout << 1; exit(1)",
            "/* printf(1)\n exit(1) */",
            'throw Error("call exit(1)");',
            "on_exit_(1);  episode_time(0);",
            "constexpr int kMillion = 1'000'000; char c = '\"';",
        ]:
            self.accepts(line)

    def test_accepts_printing_in_cli_alone(self):
        self.accepts('std::fputs("x", stdout); std::exit(1);', "quern/cli/a.cpp")
        self.rejects('std::fputs("x", stdout);', "quern/evolve/a.cpp")


if __name__ == "__main__":
    unittest.main()
