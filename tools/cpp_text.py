"""What the checks of C++ sources share: finding the files, and reading them without their comments."""

import re
import sys
from pathlib import Path

_COMMENT_OR_LITERAL = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+'(?!\w)""",
    re.DOTALL | re.VERBOSE,
)


def source_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in {".cpp", ".h"} and path.is_file())


def without_comments(text: str, keep_literals: bool) -> str:
    """The same lines with blanks for comments and, unless kept, for the contents of literals."""

    def blank(match: re.Match) -> str:
        token = match.group()
        is_comment = token.startswith(("//", "/*"))
        return token if keep_literals and not is_comment else re.sub(r"[^\n]", " ", token)

    return _COMMENT_OR_LITERAL.sub(blank, text)


def report(problems: list[str], clean: str) -> int:
    """Prints the problems, or the one line that says there is none; returns the exit code."""
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(clean)
    return 1 if problems else 0
