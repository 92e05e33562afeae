"""Ways of sampling a trained model: truncated latents, and other settings of its sampler than its own."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from gen_models.core.abilities.sampling import HasWay, Truncates
from gen_models.core.model import GenerativeModel
from gen_models.core.precision import PLAIN, usable
from gen_models.errors import UsageError, nearest
from gen_models.metrics.record import Record
from gen_models.randomness import isolated

PASSES = 16
"""Batches of truncated samples from which standing statistics are taken."""


@dataclass(frozen=True)
class Way:
    """How a trained model is sampled where that is not its own way; a board gives each way a row.

    Args:
        truncation: Largest latent, with standing statistics (Brock et al. 2019); None leaves the latents alone.
        settings: Of the model's sampler, by name: see `gen_models.core.abilities.sampling.HasWay`.

    Raises:
        UsageError: The truncation is no length.
    """

    truncation: float | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.truncation is not None and not 0 <= self.truncation < math.inf:
            raise UsageError(f"a largest latent is a number from 0 on, not {self.truncation}: give one, such as 0.5.")

    def take(self, model: GenerativeModel) -> None:
        """Change the model's sampling, and let it know what of that is not its own.

        Raises:
            UsageError: The model has no latents to truncate, or no such settings.
        """
        own: Mapping[str, Any] = model.way if isinstance(model, HasWay) else {}
        if self.settings:
            _set(model, self.settings)
        if self.truncation is not None:
            if not isinstance(model, Truncates):
                raise UsageError("this model has no latents to truncate: choose a run of model=biggan or another game.")
            with isolated("truncation"):
                model.truncate(self.truncation, PASSES)
        said = {name: value for name, value in self.protocol.items() if name not in own or own[name] != value}
        model.other_way = {**model.other_way, **said}

    @property
    def protocol(self) -> dict[str, Any]:
        """What was asked for, as plain JSON; a record leaves out what is the model's own (`other_way`)."""
        return dict(self.settings) | ({} if self.truncation is None else {"truncation": self.truncation})


def marked(
    records: Sequence[Record], model: GenerativeModel, protocol: Mapping[str, Any], *, averaged: bool
) -> list[Record]:
    """Let records say what of their model is not its own: weights, precision, the way of sampling, and `protocol`."""
    precision = usable(model.precision, model.device)
    said: dict[str, Any] = {} if precision == PLAIN else {"precision": precision}
    said |= {} if averaged or model.averaging is None else {"averaged": False}
    said |= model.other_way
    return [replace(record, way={**record.way, **said, **protocol}) for record in records]


def read_settings(words: Iterable[str]) -> dict[str, Any]:
    """Read settings as they are typed: "steps=10,solver=heun".

    Raises:
        UsageError: A part is not of the form name=value, or a name is given twice.
    """
    parts = [part for word in words for part in word.split(",")]
    if wrong := [part for part in parts if not all(part.partition("="))]:
        raise UsageError(f"a way of sampling is typed as name=value, or several with commas, not as '{wrong[0]}'.")
    pairs = [(name.strip(), value) for name, _, value in (part.partition("=") for part in parts)]
    if twice := [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]:
        raise UsageError(f"{twice[0]} is given twice as a way of sampling: leave one of them out.")
    return {name: yaml.safe_load(value) for name, value in pairs}


def _set(model: GenerativeModel, settings: Mapping[str, Any]) -> None:
    if not isinstance(model, HasWay):
        raise UsageError(f"the sampling of this model has no settings: leave {' and '.join(settings)} out.")
    present = model.way
    for name, value in settings.items():
        if name not in present:
            raise UsageError(f"the sampling of this model has no setting '{name}': {nearest(name, present)}")
        if not _fits(value, present[name]):
            raise UsageError(f"{name}={value} is no value like the present one, {name}={present[name]}.")
    model.set_way(**{**present, **settings})


def _fits(value: object, present: object) -> bool:
    """Whether a value is of the present one's type; a whole number will do for any number."""
    return type(value) is type(present) or (isinstance(present, float) and type(value) is int)
