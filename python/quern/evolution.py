"""Evolution from Python: `evolve` and `resume` train into a run directory, `load_policy` plays what came of it.

The run directories are those of the program: `quern eval`, `watch`, `record` and `resume` take them too.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quern import _quern, roms
from quern.ale import Action
from quern.arguments import assignments_of, runs_folder, uninterrupted

__all__ = ["Policy", "Run", "evolve", "load_policy", "resume"]

OnGeneration = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Run:
    """What a training left: `quern eval ID` and the other commands know it by its id.

    test: the champion's returns over fresh episodes (return_mean, standard_error, return_min, return_median,
    return_max), or None when evolve.test_episodes is 0.
    """

    path: Path
    id: str
    generations: int
    frames_used: int
    test: dict[str, float] | None

    def metrics(self) -> list[dict[str, Any]]:
        """A record a generation; docs/reference/run-directory.md names the keys."""
        with open(self.path / "metrics.jsonl", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def policy(self) -> "Policy":
        """The champion."""
        return load_policy(self.path)


class Policy:
    """The champion of a run: an integer network, the same bits on every machine.

    Attributes:
        game, preset, network: names.
        actions: what the indices mean.
        parameters: the float32 master weights.
    """

    def __init__(self, runs: Path, run: str):
        self._engine = _quern.Policy(runs, run, _find_rom)
        self.game: str = self._engine.game
        self.preset: str = self._engine.preset
        self.network: str = self._engine.network
        self.actions = [Action(number) for number in self._engine.action_numbers]
        self.parameters: NDArray[np.float32] = self._engine.parameters

    def __call__(self, observations: NDArray[np.uint8]) -> int | NDArray[np.int64]:
        """The index of the chosen action for uint8 [4, 84, 84], or int64 [n] for [n, 4, 84, 84]."""
        if np.ndim(observations) == 3:
            return int(self._engine.decide(_batch(observations[None]))[0])
        return self._engine.decide(_batch(observations))

    def sums(self, observations: NDArray[np.uint8]) -> NDArray[np.int32]:
        """What each action got in the last layer: int32 [n, actions] for uint8 [n, 4, 84, 84]."""
        return self._engine.sums(_batch(observations))


def _batch(observations: NDArray[np.uint8]) -> NDArray[np.uint8]:
    observations = np.asarray(observations)
    if observations.dtype != np.uint8 or observations.ndim != 4:
        raise ValueError(
            f"observations must be uint8 [n, 4, 84, 84], got {observations.dtype} {list(observations.shape)}"
        )
    return np.ascontiguousarray(observations)


def _find_rom(game: str) -> Path | None:
    return None if game == roms.FREE_GAME else roms.get_rom_path(game)


def _threads(num_threads: int | None) -> int:
    if num_threads is None:
        return len(os.sched_getaffinity(0))
    if not 1 <= num_threads <= 4096:
        raise ValueError(f"num_threads must be 1..4096, got {num_threads}")
    return num_threads


def _ended(result: dict[str, Any]) -> Run:
    return Run(**uninterrupted(result, "{generations} generations"))


def evolve(
    game: str | None = None,
    options: Mapping[str, Any] | None = None,
    *,
    method: str | None = None,
    config: str | os.PathLike | None = None,
    runs: str | os.PathLike | None = None,
    num_threads: int | None = None,
    on_generation: OnGeneration | None = None,
) -> Run:
    """Trains a population on a game, as `quern evolve` does, and returns the run.

    The result is a function of game, options and seed, whatever num_threads. Ctrl-C saves and raises KeyboardInterrupt;
    so does whatever on_generation raises.

    Args:
        game: name in snake_case; None is the built-in game, or the one that config names.
        options: keys of `quern evolve --list-options`, for instance {"frames": 2_000_000, "evolve.population": 100}.
        method: "ga", "samr", "gesmr", "es", "ns-es" or "nsr-es", as the option evolve.method; None is that of options or
            config, or "ga". Each has its own options and defaults.
        config: TOML file with such keys; options go over it.
        runs: the parent folder of run directories; None is $QUERN_RUNS, else ./runs.
        num_threads: None is all that this process may use.
        on_generation: called with a dict after every generation.

    Raises ValueError for bad options, FileNotFoundError without a ROM.
    """
    named = {"game": game, "evolve.method": method}
    settings = {**(options or {}), **{key: value for key, value in named.items() if value is not None}}
    return _ended(
        _quern.evolve(
            runs_folder(runs),
            None if config is None else Path(config),
            assignments_of(settings),
            _find_rom,
            _threads(num_threads),
            on_generation,
        )
    )


def resume(
    run: str | os.PathLike = "latest",
    *,
    runs: str | os.PathLike | None = None,
    num_threads: int | None = None,
    on_generation: OnGeneration | None = None,
) -> Run:
    """Goes on with a run that was stopped, exactly as if it had not been. run: an id, a folder or "latest"."""
    return _ended(
        _quern.resume(runs_folder(runs), os.fspath(run), _find_rom, _threads(num_threads), on_generation)
    )


def load_policy(run: str | os.PathLike = "latest", *, runs: str | os.PathLike | None = None) -> Policy:
    """The champion of a run's newest checkpoint. run: an id, a folder or "latest".

    Raises RuntimeError for a run without a checkpoint and FileNotFoundError without the game's ROM, which names
    the actions.
    """
    return Policy(runs_folder(runs), os.fspath(run))
