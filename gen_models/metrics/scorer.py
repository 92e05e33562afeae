"""What a model's samples are worth, between what real data scores in their place and what an untrained model does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import torch
from torch import Tensor

from gen_models.bounds import AtLeast, Positive
from gen_models.data.interface import Items, partly
from gen_models.errors import UsageError
from gen_models.metrics.classifier import Classifier
from gen_models.metrics.extractors import Extractor
from gen_models.metrics.feature_sets import FeatureSets, Untrained
from gen_models.metrics.features import Features, Sample, restored
from gen_models.metrics.figure import FeatureFigure, feature_figure
from gen_models.metrics.precision import whole
from gen_models.metrics.record import AS_THE_DATA, Estimate, Record
from gen_models.metrics.standard_errors import mean_error
from gen_models.randomness import isolated

Several = Annotated[int, AtLeast(2)]
"""A number of items that has a spread."""


@dataclass(frozen=True)
class _Reality:
    """A data set as it is judged: by whom, what samples are compared with, and what real data scores in their place."""

    sets: FeatureSets
    reference: Features
    scores: Mapping[str, float | None]
    protocol: dict[str, Any]


class Scorer:
    """Metrics of a model's samples, all from one pass of an extractor, each with its bounds and its protocol.

    Args:
        extractor: Who sees the images.
        metrics: Names of figures on features (`feature_figures`): "fid", "kid", …, each once; none scores nothing.
        n: The number of samples, and the most of the real items whose figures stand beside theirs.
        batch_size: Images to an extractor's pass.
        seed: Of the samples, of the real items picked and of the metrics' subsets.
        reference: What samples are compared with; the other split gives what real data scores. "test" are the held-out
            items, and does not reward copies of the training set; "train" is what publications compare with.
        cache: A directory for the features of real data; kept in memory only where this is None.
        n_real: The most of real items that samples are compared with, picked by the seed; None: as many as samples.

    Raises:
        UsageError: If a metric is unknown or needs what the extractor does not have.
    """

    def __init__(
        self,
        extractor: Extractor | Classifier,
        metrics: Sequence[str] = ("kid",),
        n: Several = 1000,
        batch_size: Positive = 100,
        seed: int = 0,
        reference: Literal["test", "train"] = "test",
        cache: str | None = None,
        n_real: Several | None = None,
    ) -> None:
        self.metrics: list[FeatureFigure] = [feature_figure(name) for name in dict.fromkeys(metrics)]
        for figure in self.metrics:
            if lacking := figure.needs(extractor):
                raise UsageError(f"the metric '{figure.name}' needs {lacking}.")
        self.extractor, self.n, self.n_real, self.batch_size = extractor, n, n_real or n, batch_size
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
        if self.metrics and self.reference == "test" and held_out < 2:
            raise UsageError(
                f"these metrics need at least 2 held-out items, and the data has {held_out}: choose metrics=none, "
                "compare with training items by metrics.reference=train, or hold out more by data.test_fraction=…."
            )
        if self.metrics and self.extractor.wants_images and len(shape) != 3:
            raise UsageError(
                f"these metrics judge images, and an item of the data has shape {list(shape)}: choose "
                "metrics=data_space for points (data=points has it by itself), or metrics=none."
            )

    def score(
        self,
        sample: Sample,
        train: Items,
        test: Items,
        fingerprint: str,
        untrained: Untrained | None = None,
        device: torch.device | str = "cpu",
        labels: Tensor | None = None,
        split: str = "test",
    ) -> list[Record]:
        """Score `sample`, called for at most `batch_size` samples at a time, under generators of its own.

        Args:
            sample: The model.
            train: Its training items.
            test: Items that it has not seen.
            fingerprint: What identifies the two, their content and preprocessing.
            untrained: The same model before training, to compare with.
            device: Where the extractor runs and the samples are drawn.
            labels: Classes (n,) that samples are asked for, in the proportions of the data; None asks for none.
            split: What `test` is for, "test" or "validation".

        Returns:
            A record for each metric, the same on all ranks.
        """
        if not self.metrics:
            return []
        device = torch.device(device)
        reality = self._reality(train, test, fingerprint, device, split)
        if labels is not None:
            reality = replace(reality, protocol={**reality.protocol, "classes": AS_THE_DATA})
        fake = reality.sets.generated(sample, labels)
        blank = None if untrained is None else reality.sets.untrained(untrained, labels)
        return [record for figure in self.metrics for record in self._records(figure, reality, fake, blank)]

    def compare(
        self,
        restore: Callable[[Tensor, Tensor], Tensor],
        train: Items,
        test: Items,
        fingerprint: str,
        device: torch.device | str = "cpu",
        split: str = "test",
        n: int | None = None,
    ) -> Estimate:
        """Judge how near held-out items are to what `restore` makes of them (x, y), as the extractor sees them.

        The figure is the mean squared distance of an item's features to its restoration's, in units of that of two
        items picked at random: 0 is a perfect restoration, 1 is another item. It is of `n` items, or of as many as
        there are samples.
        """
        reality = self._reality(train, test, fingerprint, torch.device(device), split)
        extractor = reality.sets.extractor
        n = n or self.n
        real, fake = restored(extractor, restore, test, n, self.batch_size, torch.device(device))
        spread = 2 * real.var(0).sum()
        distances = (real - fake).square().sum(1) / spread
        kept = {name: reality.protocol[name] for name in (*extractor.protocol, "data")}
        found = {} if spread > 0 else {"warning": "no value: the items are all alike to the extractor"}
        kept |= {"real": split, "n": len(distances), **partly(test, n)}
        return Estimate(float(distances.mean()), mean_error(distances), kept, found, real=0.0)

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
        sets = FeatureSets(extractor, self.n, self.batch_size, self.seed, self.cache, device)
        splits, named = {"train": train, held: test}, "train" if self.reference == "train" else held
        reference = sets.real(splits.pop(named), named, self.n_real, fingerprint)
        ((split, items),) = splits.items()
        other = sets.real(items, split, self.n, fingerprint) if len(items) > 1 else None
        measured = {} if other is None else {f.name: self._measured(f, other, reference)[0] for f in self.metrics}
        counts = {"n": self.n, "n_real": len(reference.x), "n_other": 0 if other is None else len(other.x)}
        protocol = {**extractor.protocol, "data": fingerprint, "real": named, **counts, "seed": self.seed}
        return _Reality(sets, reference, {name: found.value for name, found in measured.items()}, protocol)

    @contextmanager
    def _judging(self, features: Features) -> Iterator[None]:
        """Draw subsets (torchmetrics does from the global generator) by the seed, and compute in float32.

        The model may draw under autocast; a kernel distance of products in bfloat16 would be noise.
        """
        with isolated("metric", self.seed), whole(features.x.device):
            yield

    def _measured(self, figure: FeatureFigure, fake: Features, reference: Features) -> Sequence[Estimate]:
        with self._judging(fake):
            return figure.take((fake, reference))

    def _records(
        self, figure: FeatureFigure, reality: _Reality, fake: Features, blank: Features | None
    ) -> list[Record]:
        untrained = None if blank is None else self._measured(figure, blank, reality.reference)[0].value
        with self._judging(fake):
            records = figure.records((fake, reality.reference), reality.protocol)
        return [replace(record, real=reality.scores.get(figure.name), untrained=untrained) for record in records]
