"""What a model's samples are worth, between what real data scores in their place and what an untrained model does."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from gen_models.data.interface import Items
from gen_models.errors import UsageError, nearest
from gen_models.metrics.cache import Tensors, cached, digest
from gen_models.metrics.classifier import Classifier
from gen_models.metrics.extractors import Extractor
from gen_models.metrics.features import Features, generated, real, restored
from gen_models.metrics.figure import FeatureFigure, feature_figures
from gen_models.metrics.record import Estimate, Record
from gen_models.randomness import isolated

Sample = Callable[[int], Tensor]
"""n -> (n, *shape) float32 in [-1, 1], on any device."""
LEAST = 2
"""Items of which a set can be compared."""


@dataclass(frozen=True)
class _Reality:
    """A data set as it is judged: by whom, what samples are compared with, and what real data scores in their place."""

    extractor: Extractor
    reference: Features
    scores: dict[str, float]
    protocol: dict[str, Any]


class Scorer:
    """Metrics of a model's samples, all from one pass of an extractor, each with its bounds and its protocol.

    Args:
        extractor: Who sees the images.
        metrics: Names of figures on features (`feature_figures`): "fid", "kid", …; none scores nothing.
        n: The number of samples, and the most of real items on either side.
        batch_size: Images to an extractor's pass.
        seed: Of the samples, of the real items picked and of the metrics' subsets.
        reference: What samples are compared with; the other split gives what real data scores. "test" are the held-out
            items, and does not reward copies of the training set; "train" is what publications compare with.
        cache: A directory for the features of real data; kept in memory only where this is None.

    Raises:
        UsageError: If a metric is unknown or needs what the extractor does not have.
    """

    def __init__(
        self,
        extractor: Extractor | Classifier,
        metrics: Sequence[str] = ("kid",),
        n: int = 1000,
        batch_size: int = 100,
        seed: int = 0,
        reference: str = "test",
        cache: str | None = None,
    ) -> None:
        known = feature_figures()
        for name in metrics:
            if name not in known:
                raise UsageError(f"There is no metric {name!r}: {nearest(name, known)}")
            if lacking := known[name].needs(extractor):
                raise UsageError(f"The metric {name!r} needs {lacking}.")
        if n < 2:
            raise UsageError(f"metrics.n must be at least 2, and is {n}.")
        if reference not in {"train", "test"}:
            raise UsageError(f"metrics.reference is 'train' or 'test', not {reference!r}.")
        self.extractor, self.n, self.batch_size = extractor, n, batch_size
        self.metrics: list[FeatureFigure] = [known[name] for name in metrics]
        self.seed, self.reference, self.cache = seed, reference, cache
        self._realities: dict[tuple[str, str], _Reality] = {}

    @property
    def keys(self) -> list[str]:
        """What loggers will call the records of samples, in the order of the metrics."""
        return [key for figure in self.metrics for key in figure.keys(self.extractor.name)]

    def check(self, shape: Sequence[int], count: int, held_out: int) -> None:
        """Refuse data that can't be judged, before anything is trained on them.

        Args:
            shape: Of an item.
            count: Training items.
            held_out: Held-out items, of the smaller split that is looked at.

        Raises:
            UsageError: The extractor wants images, and these are none; or there are too few of them.
        """
        if self.metrics and count < 2:
            raise UsageError("these metrics compare sets, and the data is a single item: choose metrics=none.")
        if self.metrics and self.reference == "test" and held_out < LEAST:
            raise UsageError(
                f"these metrics need at least {LEAST} held-out items, and the data has {held_out}: choose metrics=none "
                "or metrics.reference=train, or hold out more by data.test_fraction=… and data.validation_fraction=…."
            )
        if self.metrics and self.extractor.wants_images and len(shape) != 3:
            raise UsageError(
                f"these metrics judge images, and an item of the data has shape {list(shape)}: choose "
                "metrics=data_space for points, or metrics=none."
            )

    def score(
        self,
        sample: Sample,
        train: Items,
        test: Items,
        fingerprint: str,
        untrained: Sample | None = None,
        device: torch.device | str = "cpu",
        split: str = "test",
    ) -> list[Record]:
        """Score `sample`, called for at most `batch_size` samples at a time, under generators of its own.

        Args:
            sample: The model.
            train: Its training items.
            test: Items that it has not seen; with `reference="train"` there may be none.
            fingerprint: What identifies the two, their content and preprocessing.
            untrained: The same model before training, to compare with.
            device: Where the extractor runs and the samples are drawn.
            split: What those are for, "test" or "validation".

        Returns:
            A record for each metric, the same on all ranks.
        """
        if not self.metrics:
            return []
        device = torch.device(device)
        reality = self._reality(train, test, fingerprint, device, split)
        fake = self._generated(reality.extractor, sample, device)
        blank = None if untrained is None else self._generated(reality.extractor, untrained, device)
        return [record for figure in self.metrics for record in self._records(figure, reality, fake, blank)]

    def compare(
        self,
        restore: Callable[[Tensor, Tensor], Tensor],
        train: Items,
        test: Items,
        fingerprint: str,
        device: torch.device | str = "cpu",
        split: str = "test",
    ) -> Estimate:
        """Judge how near held-out items are to what `restore` makes of them (x, y), as the extractor sees them.

        The figure is the mean squared distance of an item's features to its restoration's, in units of that of two
        items picked at random: 0 is a perfect restoration, 1 is another item.
        """
        reality = self._reality(train, test, fingerprint, torch.device(device), split)
        real, fake = restored(reality.extractor, restore, test, self.n, self.batch_size, torch.device(device))
        distances = (real - fake).square().sum(1) / (2 * real.var(0).sum())
        error = float(distances.std() / math.sqrt(len(distances)))
        kept = {name: reality.protocol[name] for name in (*reality.extractor.protocol, "data")}
        return Estimate(float(distances.mean()), error, {**kept, "real": split, "n": len(distances)}, real=0.0)

    def _reality(self, train: Items, test: Items, fingerprint: str, device: torch.device, split: str) -> _Reality:
        key = fingerprint, split
        if key not in self._realities:
            self._realities[key] = self._prepare_reference(train, test, fingerprint, device, split)
        return self._realities[key]

    def _prepare_reference(
        self, train: Items, test: Items, fingerprint: str, device: torch.device, held: str
    ) -> _Reality:
        """What does not change while a model trains."""
        extractor = self.extractor.prepare(train, test, fingerprint, self.cache, device)
        sets = {"train": train, held: test}
        named = "train" if self.reference == "train" else held
        seen = {
            split: self._real(extractor, items, split, fingerprint, device)
            for split, items in sets.items()
            if split == named or len(items) >= LEAST  # without another split, nobody knows what real data scores
        }
        reference = seen.pop(named)
        others = list(seen.values())
        scores = {figure.name: self._measured(figure, x, reference)[0].value for x in others for figure in self.metrics}
        counts = {"n": self.n, "n_real": len(reference.x), "n_other": sum(len(other.x) for other in others)}
        protocol = {**extractor.protocol, "data": fingerprint, "real": named, **counts, "seed": self.seed}
        return _Reality(extractor, reference, scores, protocol)

    def _real(self, extractor: Extractor, items: Items, split: str, fingerprint: str, device: torch.device) -> Features:
        if len(items) < LEAST:
            raise UsageError(f"Metrics need at least {LEAST} {split} items, and this data has {len(items)}.")

        def make() -> Tensors:
            return real(extractor, items, self.n, self.batch_size, self.seed, device).tensors()

        key = digest(extractor.protocol, fingerprint, split, self.n, self.seed)
        tensors = cached(self.cache, f"features-{key}", make)
        return Features(**{name: value.to(device) for name, value in tensors.items()})

    def _generated(self, extractor: Extractor, sample: Sample, device: torch.device) -> Features:
        return generated(extractor, sample, self.n, self.batch_size, self.seed, device)

    def _measured(self, figure: FeatureFigure, fake: Features, reference: Features) -> Sequence[Estimate]:
        with isolated("metric", self.seed):  # torchmetrics draws subsets from the global generator
            return figure.take((fake, reference))

    def _records(
        self, figure: FeatureFigure, reality: _Reality, fake: Features, blank: Features | None
    ) -> list[Record]:
        untrained = None if blank is None else self._measured(figure, blank, reality.reference)[0].value
        with isolated("metric", self.seed):
            records = figure.records((fake, reality.reference), reality.protocol)
        return [replace(record, real=reality.scores.get(figure.name), untrained=untrained) for record in records]
