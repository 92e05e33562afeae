"""A model before its judges: what figures of a whole model are taken of."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from types import UnionType
from typing import Any

import torch
from torch import Tensor

from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Items, Split, gathered, picked
from gen_models.data.source import Source
from gen_models.media.pixels import to_uint8, to_unit_range
from gen_models.metrics.extractors import DataSpace, Extractor
from gen_models.metrics.features import Features, extract
from gen_models.metrics.figure import Figure
from gen_models.metrics.scorer import Scorer
from gen_models.randomness import isolated

Draw = Callable[..., Tensor]
"""(n, y = None) -> (n, *shape) in [-1, 1]."""
PIXELS = Scorer(DataSpace(), metrics=())
"""Judges by the pixels themselves, and scores no samples."""


@dataclass(frozen=True)
class Subject:
    """What is judged, and by what.

    Args:
        model: The model.
        source: The data.
        scorer: Whose extractor, counts and seed count.
        sampler: Draws in the model's place, such as from a density of its codes; None lets the model draw.
        untrained: Makes the same model before training, to compare with.
        draws: Latents for each held-out item where a likelihood is only bounded; more tighten the bound.
        split: The held-out items that are looked at: those to report on, or those to choose by.
    """

    model: GenerativeModel
    source: Source
    scorer: Scorer = PIXELS
    sampler: Draw | None = None
    untrained: Callable[[], GenerativeModel] | None = None
    draws: int = 1
    split: Split = "test"

    @property
    def n(self) -> int:
        """Samples, and the most of real items."""
        return self.scorer.n

    @property
    def seed(self) -> int:
        """Of all that is drawn and picked."""
        return self.scorer.seed

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return self.model.device

    @property
    def held_out(self) -> Items:
        """The held-out items."""
        return self.source.part(self.split)

    @property
    def images(self) -> bool:
        """Whether the data are pictures."""
        return len(self.source.spec["shape"]) == 3

    @property
    def classes(self) -> int:
        """Classes that a sample can be asked for."""
        return self.model.classes

    @cached_property
    def extractor(self) -> Extractor:
        """Whose features count, ready to judge."""
        splits = self.source.reference, self.held_out, self.source.fingerprint
        return self.scorer.extractor.prepare(*splits, self.scorer.cache, self.device)

    @cached_property
    def labels(self) -> Tensor:
        """Classes (n,) that the samples were asked for, in turn; zeros where there are none."""
        return torch.arange(self.n) % max(1, self.classes)

    @cached_property
    def samples(self) -> Tensor:
        """Samples (n, *shape) as saved pictures hold them, on the CPU."""
        with isolated("samples", self.seed):
            return torch.cat([self._drawn(y) for y in self.labels.split(self.scorer.batch_size)])

    def _drawn(self, y: Tensor) -> Tensor:
        draw = self.sampler or self.model.sample
        x = draw(len(y), y if self.classes else None).float().cpu()
        return to_unit_range(to_uint8(x)) if self.source.spec["levels"] is not None else x

    def real(self, n: int, *, held_out: bool = True) -> tuple[Tensor, Tensor]:
        """Give `n` real items, or all where there are fewer, and their classes."""
        items = self.held_out if held_out else self.source.reference
        return gathered(items, picked(items, n, self.seed))

    def features(self, x: Tensor) -> Features:
        """Features and logits of samples or items (N, *shape)."""
        parts: Iterable[Tensor] = x.split(self.scorer.batch_size)
        return extract(self.extractor, parts, self.device, "images")

    def protocol(self, **details: Any) -> dict[str, Any]:
        """What a figure of samples depends on: the data, the counts and the seed."""
        return {"data": self.source.fingerprint, "real": self.split, "n": self.n, "seed": self.seed, **details}


SubjectFigure = Figure[Subject, Subject]
"""A figure of a whole model."""


def able(*abilities: type | UnionType) -> Callable[[Subject], str]:
    """Need a model with every one of these abilities; what one lacks is said in the words of its docstring."""

    def lacking(subject: Subject) -> str:
        return next((said(ability) for ability in abilities if not isinstance(subject.model, ability)), "")

    return lacking


def said(ability: type | UnionType) -> str:
    """An ability in words, such as "a model with an exact likelihood", or several joined by "or"."""
    members = ability.__args__ if isinstance(ability, UnionType) else (ability,)
    words = [(member.__doc__ or member.__name__).split("\n")[0].rstrip(".") for member in members]
    return " or ".join(word[0].lower() + word[1:] for word in words)


def pictured(subject: Subject) -> str:
    """Need data that are images."""
    return "" if subject.images else "data that are images"
