"""A model as the slower figures see it: its samples, drawn once, beside the data that it should look like."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from gen_models.core.model import GenerativeModel
from gen_models.data.interface import gathered, picked
from gen_models.data.source import Source
from gen_models.media.pixels import to_uint8, to_unit_range
from gen_models.metrics.extractors import DataSpace, Extractor
from gen_models.metrics.features import Features, extract
from gen_models.metrics.scorer import Scorer
from gen_models.randomness import isolated

Draw = Callable[..., Tensor]
"""(n, y = None) -> (n, *shape) in [-1, 1]."""


@dataclass(frozen=True)
class Subject:
    """What is judged, and by what.

    Args:
        model: The model.
        draw: Its samples, or those of a density of its codes.
        source: The data.
        extractor: Whose features count.
        n: Samples, and the most of real items.
        batch_size: Samples drawn at a time.
        seed: Of all that is drawn and picked.
    """

    model: GenerativeModel
    draw: Draw
    source: Source
    extractor: Extractor
    n: int
    batch_size: int
    seed: int

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return self.model.device

    @property
    def images(self) -> bool:
        """Whether the data are pictures."""
        return len(self.source.spec["shape"]) == 3

    @property
    def classes(self) -> int:
        """Classes that a sample can be asked for."""
        return self.model.classes

    @cached_property
    def labels(self) -> Tensor:
        """Classes (n,) that the samples were asked for, in turn; zeros where there are none."""
        return torch.arange(self.n) % max(1, self.classes)

    @cached_property
    def samples(self) -> Tensor:
        """Samples (n, *shape) as saved pictures hold them, on the CPU."""
        with isolated("samples", self.seed):
            return torch.cat([self._drawn(y) for y in self.labels.split(self.batch_size)])

    def _drawn(self, y: Tensor) -> Tensor:
        x = self.draw(len(y), y if self.classes else None).float().cpu()
        return to_unit_range(to_uint8(x)) if self.source.spec["levels"] is not None else x

    def real(self, n: int, *, held_out: bool = True) -> tuple[Tensor, Tensor]:
        """Give `n` real items, or all where there are fewer, and their classes."""
        items = self.source.test if held_out else self.source.reference
        return gathered(items, picked(items, n, self.seed))

    def features(self, x: Tensor) -> Features:
        """Features and logits of samples or items (N, *shape)."""
        parts: Iterable[Tensor] = x.split(self.batch_size)
        return extract(self.extractor, parts, self.device, "images")

    def protocol(self, *, seen: bool = False, **details: Any) -> dict[str, Any]:
        """What a figure depends on: the data, the seed, and (if it has `seen` them) the extractor's features."""
        own = self.extractor.protocol if seen else {}
        return {**own, "data": self.source.fingerprint, "real": "test", "n": self.n, "seed": self.seed, **details}


def subject(model: GenerativeModel, source: Source, scorer: Scorer | None, draw: Draw | None = None) -> Subject:
    """Judge by the scorer's extractor, counts and seed; by the pixels themselves where there is no scorer."""
    scorer = scorer or Scorer(DataSpace())
    splits = source.reference, source.test, source.fingerprint
    extractor = scorer.extractor.prepare(*splits, scorer.cache, model.device)
    return Subject(model, draw or model.sample, source, extractor, scorer.n, scorer.batch_size, scorer.seed)
