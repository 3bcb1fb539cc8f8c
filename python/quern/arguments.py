"""What trainings of every kind have alike: where runs are, options as the engine reads them, and the end by Ctrl-C."""

import operator
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np


def runs_folder(runs: str | os.PathLike | None) -> Path:
    return Path(runs if runs is not None else os.environ.get("QUERN_RUNS") or "runs")


def assignments_of(options: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Lines key=value, as behind --set, of options whose keys are dotted or in mappings of mappings."""
    lines = []
    for key, value in options.items():
        if isinstance(value, Mapping):
            lines += assignments_of(value, f"{prefix}{key}.")
        else:
            text = str(value)  # of a numpy number the shortest, as of a float
            lines.append(f"{prefix}{key}={text.lower() if isinstance(value, (bool, np.bool_)) else text}")
    return lines


def checked_seed(seed: int) -> int:
    seed = operator.index(seed)
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed must be 0 to 2^64 - 1, got {seed}")
    return seed


def uninterrupted(result: dict[str, Any], progress: str) -> dict[str, Any]:
    """The result of a training without its two flags. Of one that Ctrl-C stopped, KeyboardInterrupt, which says how to go
    on; progress says how far it came, with the result's keys in braces."""
    interrupted, finished = result.pop("interrupted"), result.pop("finished")
    if interrupted:
        path = str(result["path"])
        if finished:
            raise KeyboardInterrupt(f"the run had just ended: quern.resume({path!r}) returns it")
        raise KeyboardInterrupt(f"stopped after {progress.format_map(result)}: quern.resume({path!r}) goes on")
    return result
