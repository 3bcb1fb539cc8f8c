"""Devices of analog memory from measured pulses; public as quern.analog.fit and sample_pulses."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quern import _quern
from quern.arguments import assignments_of, checked_seed

__all__ = ["Fit", "ModelFit", "fit", "sample_pulses"]


@dataclass(frozen=True)
class ModelFit:
    """A model of devices at its best for a record of pulses.

    options: the keys device.* of such devices, for `Tile`, `run` and a configuration file.
    parameters: by name, the value and its standard error, None where the pulses do not tell.
    notes: what these pulses cannot tell, and what was put in its place.
    misfit: mean square of (measured - model) of mean steps in units of their errors: about 1 where the model describes
        them, larger where it does not.
    aic: Akaike's criterion; the smallest is the best, and only differences mean something.
    at_limit: a curve that fits best is, up or down, the limit of the model's curves: its parameters mean nothing alone.
    """

    model: str
    options: dict[str, bool | int | float | str]
    parameters: dict[str, tuple[float, float | None]]
    notes: tuple[str, ...]
    misfit: float
    aic: float
    at_limit: bool


@dataclass(frozen=True)
class Fit:
    """Devices that were fitted to measured pulses.

    models: the one that was asked for first, then by AIC; one that is at its limit goes behind those whose AIC is at most
        10 higher.
    unfitted: the models whose estimates from these pulses are no possible device, each with the reason.
    pulses_up, pulses_down: of devices that are not stuck; pulses_near_bounds of them tell nothing of steps.
    read_noise, read_noise_error: standard deviation of a reading, in weights; its error where it was estimated.
    conductances: those that stand for `weights`; None for a file of weights.
    steps_up, steps_down: the mean steps by no model: arrays weight, step (below 0 down), standard_error and pulses, and
        fitted, what the best model has there.
    """

    models: tuple[ModelFit, ...]
    unfitted: dict[str, str]
    devices: int
    stuck_devices: int
    pulses_up: int
    pulses_down: int
    pulses_near_bounds: int
    read_noise: float
    read_noise_error: float | None
    conductances: tuple[float, float] | None
    weights: tuple[float, float]
    steps_up: dict[str, NDArray[np.float64]]
    steps_down: dict[str, NDArray[np.float64]]

    @property
    def options(self) -> dict[str, bool | int | float | str]:
        """Of the best model: `Tile(10, 64, options=fit.options)` has such devices."""
        return self.models[0].options


def fit(
    csv: str | os.PathLike,
    model: str | None = None,
    *,
    read_noise: float | None = None,
    conductances: tuple[float, float] | None = None,
    weights: tuple[float, float] = (-1, 1),
) -> Fit:
    """Devices from a CSV file of measured pulses, as `quern device fit` fits them.

    Args:
        csv: a header and a row for each reading: direction (of the pulse before it: up, down, none), weight or
            conductance, and device (any name) where there are several. Other columns are ignored, but one that is nearly
            named "device" where none is.
        model: which comes first: "constant-step", "linear-step", "soft-bounds", "exponential-step" or "table-step"; None is
            the best, as `Fit` says.
        read_noise: standard deviation of a reading, in units of the file; None: it is estimated.
        conductances: of a file of conductances, the two that stand for weights; None: the mean smallest and largest.
        weights: what these stand for.

    Raises RuntimeError for a file that is damaged, too small or tells nothing of one direction, ValueError for arguments
    that cannot be.
    """
    result = _quern.analog_fit(Path(csv), model or "", read_noise, conductances, weights)
    models = tuple(ModelFit(**one) for one in result.pop("models"))
    return Fit(models=models, **result)


def sample_pulses(
    csv: str | os.PathLike,
    preset: str | None = None,
    options: Mapping[str, Any] | None = None,
    *,
    devices: int = 50,
    ramps: int = 4,
    ramp_pulses: int = 0,
    read_noise: float = 0,
    seed: int = 1,
) -> None:
    """Writes what `fit` reads, of simulated devices: each starts at weight 0, then come ramps of pulses up and down in turn.

    Args:
        preset, options: the devices, as of `Tile`.
        ramp_pulses: of one ramp; 0 is three times as many as the mean device needs from bound to bound.
        read_noise: standard deviation of a reading, in weights.

    Raises ValueError for devices and numbers that cannot be.
    """
    settings = assignments_of({"device.preset": preset} if preset is not None else {}) + assignments_of(options or {})
    _quern.analog_sample(Path(csv), settings, devices, ramps, ramp_pulses, read_noise, checked_seed(seed))
