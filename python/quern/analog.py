"""Simulated analog memory: crossbar tiles to train with, and whole trainings as `quern analog` does them.

Keys, defaults and errors of options are those of `quern analog --list-options`; docs/reference/analog-aihwkit.md sets
them beside aihwkit's names. Everything is a function of options, seed and data: the same bits on every machine, but for
the last digits of `fit`, which follow the machine's C library.
"""

import json
import operator
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quern import _quern
from quern.arguments import assignments_of, checked_seed, runs_folder, uninterrupted
from quern.device_fit import Fit, ModelFit, fit, sample_pulses

__all__ = [
    "Fit",
    "ModelFit",
    "Option",
    "Run",
    "Score",
    "Tile",
    "fit",
    "kinds",
    "load_data",
    "options",
    "preset",
    "presets",
    "resume",
    "run",
    "sample_pulses",
]

Floats = NDArray[np.float32]
Options = Mapping[str, Any]
OnEpoch = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Option:
    """A row of the table of options. source: where the default comes from; UNVERIFIED where no public text has it.
    choices: the values that there are, of those with names."""

    key: str
    default: bool | int | float | str
    unit: str
    help: str
    source: str
    choices: tuple[str, ...]


def kinds() -> list[str]:
    """What tiles can be made of: "ideal" (floats), "rpu" (one device a weight), "tiki-taka", "nature"."""
    return _quern.analog_kinds()


def presets() -> list[str]:
    """The devices that tiles of the kinds "rpu" and "tiki-taka" can have."""
    return _quern.analog_presets()


def preset(name: str | None = None, kind: str | None = None) -> dict[str, bool | int | float | str]:
    """Every key of a tile with its value, to look at, to change and to give to `Tile`.

    Args:
        name: one of `presets()`; None is "rpu_baseline", and the only one for the kinds "ideal" and "nature".
        kind: one of `kinds()`; None is "rpu".

    Raises ValueError for a name that there is not.
    """
    return _quern.analog_preset(kind, name)


def options(kind: str | None = None, preset: str | None = None) -> list[Option]:
    """The table of `run` for a kind of tile and a preset: what `quern analog --list-options` prints."""
    return [Option(*row) for row in _quern.analog_options(kind, preset)]


def load_data(
    name: str = "digits", options: Options | None = None
) -> tuple[Floats, NDArray[np.int64], Floats, NDArray[np.int64]]:
    """The samples that `run` trains on: x float32 [n, features] and labels int64 [n] of the training samples, then x and
    labels of the test samples.

    Args:
        name: as the key data.set. The digits are built in: 1,437 + 360 samples of 64 features, 10 classes.
        options: other keys of data.* of `options()`; data sets are looked for where `run` looks.

    Raises ValueError for a name that there is not, RuntimeError for data that is not there or damaged.
    """
    return _quern.analog_data(assignments_of(options or {}) + assignments_of({"data.set": name}), _data_folder())


class Tile:
    """A crossbar of analog devices: y = W x, z = W^T d, W -= learning_rate d x^T by pulses, each with the imperfections
    of its devices and converters.

    W is [outputs, inputs]. Arrays in are float32 (others are a TypeError, nothing is rounded silently), in C order not
    copied; arrays out are new. A vector is one call; a batch [n, ...] is n calls one after another, as a chip would do
    them, with the bits of n single calls. Calls from several threads take turns. Tiles pickle and copy exactly.
    """

    def __init__(
        self,
        outputs: int,
        inputs: int,
        preset: str | None = None,
        options: Options | None = None,
        *,
        kind: str | None = None,
        seed: int = 1,
    ):
        """All weights begin at 0, or as near to it as the devices can be.

        Args:
            preset: one of `presets()`, as the key device.preset; None is that of options, or "rpu_baseline".
            options: keys of `preset()` over those of the preset, dotted or nested: {"device.step": 0.002} or
                {"device": {"step": 0.002}}.
            kind: one of `kinds()`, as the key tile.kind; None is that of options, or "rpu".
            seed: of the devices and of all noise, 0 to 2^64 - 1.

        Raises ValueError for options, devices and shapes that cannot be.
        """
        named = {"tile.kind": kind, "device.preset": preset}
        settings = assignments_of(options or {}) + assignments_of({k: v for k, v in named.items() if v is not None})
        outputs, inputs, seed = operator.index(outputs), operator.index(inputs), checked_seed(seed)
        if not (outputs >= 1 and inputs >= 1 and outputs * inputs < 2**29):
            raise ValueError(f"a tile has 1 to 2^29 synapses, got {outputs} outputs x {inputs} inputs")
        self._engine = _quern.Tile(settings, outputs, inputs, seed)

    @classmethod
    def from_state(cls, state: bytes) -> "Tile":
        """The tile that `state()` was called of. Raises ValueError for other bytes."""
        tile = cls.__new__(cls)
        tile._engine = _quern.Tile(_checked_state(state))
        return tile

    def __reduce__(self):
        return type(self).from_state, (self.state(),)

    def __repr__(self) -> str:
        devices = "".join(f" {self.options[key]}" for key in ("tile.kind", "device.preset") if key in self.options)
        return f"<quern.analog.Tile{devices} [{self.outputs}, {self.inputs}], seed {self.seed}>"

    @property
    def outputs(self) -> int:
        return self._engine.outputs

    @property
    def inputs(self) -> int:
        return self._engine.inputs

    @property
    def seed(self) -> int:
        return self._engine.seed

    @property
    def options(self) -> dict[str, bool | int | float | str]:
        """Every key and its value."""
        return self._engine.options

    def forward(self, x: Floats) -> Floats:
        """W x: [outputs] for [inputs], [n, outputs] for [n, inputs]. Inputs of 0 cost no time."""
        return self._engine.forward(x)

    def backward(self, d: Floats) -> Floats:
        """W^T d: [inputs] for [outputs], [n, inputs] for [n, outputs]."""
        return self._engine.backward(d)

    def update(self, x: Floats, d: Floats, learning_rate: float) -> None:
        """W -= learning_rate d x^T, by pulses: d is the gradient of the loss by the outputs, as `backward` has it.

        Args:
            x: [inputs] or [n, inputs].
            d: [outputs] or [n, outputs].
            learning_rate: 0 or more.

        Raises ValueError, and does nothing, where a transfer is due before the last update.
        """
        self._engine.update(x, d, learning_rate)

    @property
    def weights(self) -> Floats:
        """The true weights now, without the noise of a read: a copy, float32 [outputs, inputs]. Setting them programs
        the devices, as near as they can: bounds, stuck devices and errors of programming stay."""
        return self._engine.weights()

    @weights.setter
    def weights(self, weights: Floats) -> None:
        self._engine.set_weights(weights)

    @property
    def devices(self) -> dict[str, Floats]:
        """What was drawn for each device, float32 [outputs, inputs] each.

        rpu: step_up, step_down (at weight 0), w_min, w_max; of linear models slope_up, slope_down (what a step changes by
        for each unit of weight); with a lifetime leak (the fraction lost every tile.leak_interval updates). Of pairs with
        plus_ and minus_ before the names, of tiki-taka with fast_ and slow_. nature: leak_rate (1/s), read_threshold,
        up_overdrive, down_overdrive (V); reference_leak_rate, reference_read_threshold, those of the shared reference;
        with nature.pcm_only plus_strength, minus_strength.
        """
        return self._engine.parameters()

    def set_devices(self, parameters: Mapping[str, Floats]) -> None:
        """Sets parameters of `devices`, for devices that were measured one by one; those not named stay.

        Weights are limited to new bounds, or change with new thresholds of nature, until they are set again. An update
        still sends as many pulses as device.step asks for: make the tile with the mean of the measured steps. A lifetime
        in the options gives a tile its leak. States, copies and pickles keep what was set.

        Args:
            parameters: names and units of `devices`, float32 [outputs, inputs] each. Steps, rates, overdrives and
                strengths are 0 or more, leak 0 to 1; w_min is at most w_max, 0 is between them where a device leaks, and
                w_min is 0 or more in a pair. Cells with the same reference have the same parameters of it. What
                `devices` gave can always be given back.

        Raises TypeError for other arrays; ValueError, and changes nothing, for other names and shapes, for numbers that
        are not finite or out of these ranges, and for a nature tile between its first update and the next transfer.
        """
        self._engine.set_devices(dict(parameters))

    @property
    def contents(self) -> dict[str, Floats]:
        """What each device holds now, float32 [outputs, inputs] each.

        rpu: weight, or plus and minus of pairs. tiki-taka: fast, slow and, of version 2, buffer (in steps). nature, in
        microsiemens: plus and minus (phase-change), g and g_shared (capacitor cell and its reference).
        """
        return self._engine.contents()

    @property
    def pulses(self) -> int:
        """How many pulses all devices have had."""
        return self._engine.pulses()

    @property
    def pulse_counts(self) -> dict[str, NDArray[np.uint32]]:
        """How many each device has had, uint32 [outputs, inputs]. rpu and tiki-taka count with the option
        tile.count_pulses alone: pulses, or fast_pulses and slow_pulses. nature: pulses_up, pulses_down."""
        return self._engine.pulse_counts()

    @property
    def updates_until_transfer(self) -> int | None:
        """What is left of the transfer interval; None for tiles that have none."""
        return self._engine.updates_until_transfer()

    @property
    def transfer_due(self) -> bool:
        """Whether the interval has ended: then `transfer()` comes before the next update."""
        return self.updates_until_transfer == 0

    def transfer(self) -> None:
        """Programs what the capacitors of a nature tile hold to its phase-change devices; also before it is due.
        Raises ValueError for other kinds."""
        self._engine.transfer()

    def weights_after(self, seconds: float, compensated: bool = False) -> Floats:
        """What is left of the weights of phase-change memory that drifts from now on: float32 [outputs, inputs]. All
        weights of a nature tile are programmed to its phase-change devices first; pairs (preset pcm_pair) drift from
        what they hold. The tile stays as it is.

        Args:
            seconds: from now, 0 or more and below 1e12; at 0 a nature tile is just programmed.
            compensated: times the mean conductance just after programming over that of now, as a read of reference
                devices would tell it.

        Raises ValueError for other kinds and times.
        """
        return self._engine.weights_after(seconds, compensated)

    def state(self) -> bytes:
        """All of the tile, for `restore` and `from_state`: what follows has the same bits."""
        return self._engine.state()

    def restore(self, state: bytes) -> None:
        """Goes back to a state of this tile, or of one with the same options, shape and seed; else ValueError."""
        self._engine.restore(_checked_state(state))


class Score(NamedTuple):
    """Of the test samples. accuracy: 0 to 1. loss: the mean cross entropy, in nats."""

    accuracy: float
    loss: float


@dataclass(frozen=True)
class Run:
    """What a training left: `quern eval ID` and the other commands know it by its id.

    epochs: whole ones. test_accuracy, test_loss: of the last epoch.
    """

    path: Path
    id: str
    epochs: int
    test_accuracy: float
    test_loss: float

    def metrics(self) -> list[dict[str, Any]]:
        """A record an epoch; docs/reference/run-directory.md names the keys."""
        with open(self.path / "metrics.jsonl", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def test_accuracies(self) -> list[float]:
        """Of each epoch, 0 to 1."""
        return [record["test/accuracy"] for record in self.metrics()]

    def evaluate(self, *, after: float | None = None, compensated: bool = False) -> Score:
        """Tests the newest checkpoint again, as `quern eval` does.

        Args:
            after: seconds since the end of the training, 0 or more and below 1e12, in which phase-change memory drifts,
                as `quern eval --after` and `Tile.weights_after`; 0 is its row "just programmed"; None: as trained.
            compensated: times one factor for each tile that makes up for the mean drift. Without after: no difference.

        Raises ValueError for a time that cannot be, and for one after the training of tiles without phase-change
        memory; RuntimeError for data that is not there or not that of the run.
        """
        if after is not None and not 0 <= after < 1e12:
            raise ValueError(f"after must be 0 or more and below 1e12 seconds, got {after}")
        return Score(*_quern.analog_evaluate(self.path, _data_folder(), after, compensated))


def _checked_state(state: bytes) -> bytes:
    if not isinstance(state, bytes):
        raise TypeError(f"a state is the bytes that state() gave, got {type(state).__name__}")
    return state


def _data_folder() -> Path:
    return Path(os.environ.get("QUERN_DATA") or "data")


def _ended(result: dict[str, Any]) -> Run:
    return Run(**uninterrupted(result, "{epochs} whole epochs"))


def run(
    config: str | os.PathLike | Options | None = None,
    options: Options | None = None,
    *,
    runs: str | os.PathLike | None = None,
    on_epoch: OnEpoch | None = None,
) -> Run:
    """Trains a network in analog memory, as `quern analog` does, and returns the run.

    The run directory is that of the program, its checkpoints the same bytes. Ctrl-C saves and raises KeyboardInterrupt;
    what on_epoch raises ends the run too, and `quern.resume` goes on with both.

    Args:
        config: a TOML file, or keys of `options()`, dotted or nested; None is the digits that are built in.
        options: keys that go over those of config.
        runs: the parent folder of run directories; None is $QUERN_RUNS, else ./runs.
        on_epoch: called with a dict after every epoch: epoch, epochs, samples, learning_rate, train_loss,
            train_accuracy, test_loss, test_accuracy, fraction_done, samples_per_s, seconds_left.

    Data sets are looked for in the key data.dir, else in $QUERN_DATA, else in ./data.

    Raises ValueError for bad options, RuntimeError for data that is not there or damaged.
    """
    file, keys = (None, config) if config is None or isinstance(config, Mapping) else (Path(config), None)
    return _ended(
        _quern.analog_run(
            runs_folder(runs),
            file,
            assignments_of(keys or {}) + assignments_of(options or {}),
            _data_folder(),
            on_epoch,
        )
    )


def resume(
    run: str | os.PathLike = "latest",
    *,
    runs: str | os.PathLike | None = None,
    on_epoch: OnEpoch | None = None,
) -> Run:
    """Goes on with a run that was stopped, exactly as if it had not been. run: an id, a folder or "latest"."""
    return _ended(_quern.analog_resume(runs_folder(runs), os.fspath(run), _data_folder(), on_epoch))
