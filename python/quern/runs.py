"""Going on with a run of any kind."""

import os
from collections.abc import Callable
from typing import Any

from quern import _quern, analog, evolution
from quern.arguments import runs_folder

__all__ = ["resume"]


def resume(
    run: str | os.PathLike = "latest",
    *,
    runs: str | os.PathLike | None = None,
    num_threads: int | None = None,
    on_generation: Callable[[dict[str, Any]], None] | None = None,
    on_epoch: Callable[[dict[str, Any]], None] | None = None,
) -> evolution.Run | analog.Run:
    """Goes on with a run that was stopped, exactly as if it had not been.

    Args:
        run: an id, a folder or "latest", of `evolve` or of `analog.run`, here or by the program.
        runs: the parent folder of run directories; None is $QUERN_RUNS, else ./runs.
        num_threads, on_generation: of a run of `evolve`, see there.
        on_epoch: of a run of `analog.run`, see there.

    Raises RuntimeError where there is no such run, ValueError for an argument of the other kind.
    """
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
