"""A model before its judges: what figures of a whole model are taken of."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import UnionType
from typing import Any

import torch
from torch import Tensor

from gen_models.analysis.effort import affordable
from gen_models.analysis.held import Held
from gen_models.core.contract import check_samples
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Items, Split, batches, classes_of, gathered, picked
from gen_models.data.source import Source
from gen_models.media.pixels import to_uint8, to_unit_range
from gen_models.metrics.classes import apportioned
from gen_models.metrics.extractors import DataSpace, Extractor
from gen_models.metrics.feature_sets import FeatureSets, Untrained
from gen_models.metrics.features import GENERATED, Features, extract
from gen_models.metrics.figure import Figure
from gen_models.metrics.record import AS_THE_DATA, Record
from gen_models.metrics.scorer import Scorer
from gen_models.randomness import isolated
from gen_models.run.untrained import Blank
from gen_models.waiting import awaited

Draw = Callable[..., Tensor]
"""(n, y = None) -> (n, *shape) in [-1, 1]."""
PIXELS = Scorer(DataSpace(), metrics=())
"""Judges by the pixels themselves, and scores no samples."""
BATCH = 100
"""Held-out items that a model looks at together."""


@dataclass(frozen=True)
class Subject:
    """What is judged, and by what.

    Args:
        model: The model.
        source: The data.
        scorer: Whose extractor, counts and seed count.
        sampler: Draws in the model's place, such as from a density of its codes; None lets the model draw.
        untrained: The same model before training, to compare with.
        draws: Draws for each held-out item where a likelihood is only bounded; more tighten the bound.
        held_out: The most held-out items that abilities are measured on, picked by the seed; None takes all,
            or some of them for a model that iterates.
        wanted: Which held-out items are looked at, where the data have such: those to report on, or to choose by.
        set_aside: So many of the training items that are picked first stand in for samples, and are none to copy.
        held: Keeps what is drawn for further judges; None draws anew for each.
    """

    model: GenerativeModel
    source: Source
    scorer: Scorer = PIXELS
    sampler: Draw | None = None
    untrained: Blank | None = None
    draws: int = 1
    held_out: int | None = None
    wanted: Split = "test"
    set_aside: int = 0
    held: Held | None = None

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
    def split(self) -> Split:
        """The held-out split that is looked at."""
        return self.source.held_out(self.wanted)

    @property
    def unseen(self) -> Items:
        """Its items."""
        return self.source.part(self.split)

    @property
    def images(self) -> bool:
        """Whether the data are pictures."""
        return len(self.source.spec["shape"]) == 3

    @property
    def classes(self) -> int:
        """Classes that a sample can be asked for."""
        return self.model.classes

    @property
    def given(self) -> dict[str, str]:
        """What a protocol says of held-out items of which the model is told the class."""
        return {"given": "class"} if self.classes else {}

    @property
    def extractor(self) -> Extractor:
        """Whose features count, ready to judge."""
        return self.sets.extractor

    @cached_property
    def sets(self) -> FeatureSets:
        """Features of real items, which are kept where the scorer keeps them."""
        splits = self.source.reference, self.unseen, self.source.fingerprint
        extractor = self.scorer.extractor.prepare(*splits, self.scorer.cache, self.device)
        return FeatureSets(extractor, self.n, self.scorer.batch_size, self.seed, self.scorer.cache, self.device)

    @cached_property
    def labels(self) -> Tensor:
        """Classes (n,) that the samples are asked for, as frequent as in the reference split; zeros without classes."""
        if not self.classes:
            return torch.zeros(self.n, dtype=torch.long)
        real = self.unseen if self.scorer.reference == "test" else self.source.reference
        return apportioned(classes_of(real if len(real) else self.source.reference), self.n)

    @cached_property
    def blank(self) -> GenerativeModel | None:
        """The same model before training, as it would begin; None where it is not compared with."""
        return None if self.untrained is None else self.untrained.made(self.source, self.device)

    @cached_property
    def samples(self) -> Tensor:
        """Samples (n, *shape) as saved pictures hold them, on the CPU: those that a scorer in one process judges."""
        parts = self.labels.split(self.scorer.batch_size)
        with isolated(GENERATED, self.seed, 0):
            return torch.cat([self._drawn(y) for y in awaited(parts, "drawing samples", len(parts))])

    def draw(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw (n, *shape) in [-1, 1] from the model, or by what draws in its place.

        Raises:
            UsageError: They are no such samples.
        """
        x = self._kept("the model", self.sampler or self.model.sample, n, y)
        check_samples(x, n, self.source.spec)
        return x

    def _drawn(self, y: Tensor) -> Tensor:
        x = self.draw(len(y), y if self.classes else None).float().cpu()
        return to_unit_range(to_uint8(x)) if self.source.spec["levels"] is not None else x

    def real(self, n: int, *, held_out: bool = True) -> tuple[Tensor, Tensor]:
        """Give `n` real items, or all where there are fewer, and their classes."""
        items = self.unseen if held_out else self.source.reference
        return gathered(items, picked(items, n, self.seed))

    def copied(self, n: int) -> Tensor:
        """Give `n` of the training items that samples may be copies of, or all where there are fewer."""
        return self.real(self.set_aside + n, held_out=False)[0][self.set_aside :]

    def real_features(self, n: int, *, held_out: bool = True) -> Features:
        """Give the features of the items that `real` gives, kept where the scorer keeps those that it compares with."""
        items, split = (self.unseen, self.split) if held_out else (self.source.reference, "train")
        return self.sets.real(items, split, n, self.source.fingerprint)

    def copied_features(self, n: int) -> Tensor:
        """Give the features (n, F) of the items that `copied` gives."""
        return self.real_features(self.set_aside + n, held_out=False).x[self.set_aside :]

    def scored(self) -> list[Record]:
        """Let the scorer judge samples, and those of the untrained model."""
        if not self.scorer.metrics:
            return []
        splits = self.source.reference, self.unseen, self.source.fingerprint
        labels = self.labels if self.classes else None
        blank = None if self.untrained is None else Untrained(self._drawn_before, self.untrained.key)
        return self.scorer.score(self.draw, *splits, blank, self.device, labels, self.split)

    def _drawn_before(self, n: int, y: Tensor | None) -> Tensor:
        def draw(n: int, y: Tensor | None) -> Tensor:
            assert self.blank is not None
            return self.blank.sample(n, y)

        return self._kept("the untrained model", draw, n, y)

    def _kept(self, who: str, draw: Draw, n: int, y: Tensor | None) -> Tensor:
        return draw(n, y) if self.held is None else self.held.drawn(who, draw, n, y)

    def held_out_items(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Give the held-out items that abilities are measured on, in batches on the model's device."""
        items = self.unseen
        count = affordable(self.model, len(items)) if self.held_out is None else self.held_out
        order = picked(items, count, self.seed).sort().values
        shown = awaited(batches(items, order, BATCH), "asking the model about held-out items", -(-len(order) // BATCH))
        for x, y in shown:
            yield x.to(self.device), y.to(self.device)

    def features(self, x: Tensor) -> Features:
        """Features and logits of samples or items (N, *shape)."""
        parts: Iterable[Tensor] = x.split(self.scorer.batch_size)
        return extract(self.extractor, parts, self.device, "images")

    def protocol(self, **details: Any) -> dict[str, Any]:
        """What a figure of samples depends on: the data, the counts and the seed."""
        classes = {"classes": AS_THE_DATA} if self.classes else {}
        kept = {"data": self.source.fingerprint, "real": self.split, "n": self.n, "seed": self.seed}
        return {**kept, **classes, **details}


class SubjectFigure(Figure[Subject, Subject]):
    """A figure of a whole model."""

    @property
    def option(self) -> str:
        """Needed for the slow ones only."""
        return "--figures"


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
