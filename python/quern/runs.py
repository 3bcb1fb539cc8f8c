"""What trainings of every kind share: where runs are, options as the engine reads them, and `resume`."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from quern import _quern

if TYPE_CHECKING:
    from quern import analog, evolution

__all__ = ["resume"]


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


def resume(
    run: str | os.PathLike = "latest",
    *,
    runs: str | os.PathLike | None = None,
    num_threads: int | None = None,
    on_generation: Callable[[dict[str, Any]], None] | None = None,
    on_epoch: Callable[[dict[str, Any]], None] | None = None,
) -> "evolution.Run | analog.Run":
    """Goes on with a run that was stopped, exactly as if it had not been.

    Args:
        run: an id, a folder or "latest", of `evolve` or of `analog.run`, here or by the program.
        runs: the parent folder of run directories; None is $QUERN_RUNS, else ./runs.
        num_threads, on_generation: of a run of `evolve`, see there.
        on_epoch: of a run of `analog.run`, see there.

    Raises RuntimeError where there is no such run, ValueError for an argument of the other kind.
    """
    from quern import analog, evolution

    path, kind = _quern.find_run(runs_folder(runs), os.fspath(run))
    if kind == "evolve":
        if on_epoch is not None:
            raise ValueError(f"{path} is a run of evolve, which has generations: on_generation instead of on_epoch")
        return evolution.resume(path, num_threads=num_threads, on_generation=on_generation)
    if kind == "analog":
        if on_generation is not None or num_threads is not None:
            raise ValueError(f"{path} is a run of analog, which has epochs and one thread: on_epoch alone")
        return analog.resume(path, on_epoch=on_epoch)
    raise ValueError(f"{path} is a run of kind {kind}, which only the program goes on with: quern resume")
