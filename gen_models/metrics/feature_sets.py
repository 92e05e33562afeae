"""The sets of features that a scorer compares; what does not change while a model trains is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from gen_models.data.interface import Items
from gen_models.errors import UsageError
from gen_models.metrics.cache import cached, digest
from gen_models.metrics.distributed import world
from gen_models.metrics.extractors import Extractor
from gen_models.metrics.features import Features, Sample, generated, real


class Untrained(NamedTuple):
    """A model before training; its features are kept under `key`, and only where there is one."""

    sample: Sample
    key: str | None = None


@dataclass(frozen=True)
class FeatureSets:
    """Features of real items, of samples, and of an untrained model's samples.

    Args:
        extractor: Ready to judge.
        n: Samples.
        batch_size: Images to an extractor's pass.
        seed: Of the samples and of the real items picked.
        cache: A directory for what is kept; None keeps nothing.
        device: Where the extractor runs and samples are drawn.
    """

    extractor: Extractor
    n: int
    batch_size: int
    seed: int
    cache: str | None
    device: torch.device

    def real(self, items: Items, split: str, n: int, fingerprint: str) -> Features:
        """At most `n` items of a split of the data of this fingerprint.

        Raises:
            UsageError: There are fewer than two.
        """
        if len(items) < 2:
            raise UsageError(f"Metrics need at least 2 {split} items, and this data has {len(items)}.")
        key = digest(self.extractor.protocol, fingerprint, split, n, self.seed)
        return self._kept(key, lambda: real(self.extractor, items, n, self.batch_size, self.seed, self.device))

    def generated(self, sample: Sample, labels: Tensor | None) -> Features:
        """Samples, of the classes (n,) if there are any."""
        return generated(self.extractor, sample, self.n, self.batch_size, self.seed, self.device, labels)

    def untrained(self, model: Untrained, labels: Tensor | None) -> Features:
        """Samples of an untrained model; several processes draw them together, and keep nothing."""
        if model.key is None or world() > 1:
            return self.generated(model.sample, labels)
        asked = None if labels is None else labels.tolist()
        key = digest(self.extractor.protocol, model.key, self.n, self.batch_size, self.seed, self.device.type, asked)
        return self._kept(f"untrained-{key}", lambda: self.generated(model.sample, labels))

    def _kept(self, key: str, make: Callable[[], Features]) -> Features:
        tensors = cached(self.cache, f"features-{key}", lambda: make().tensors())
        return Features(**{name: value.to(self.device) for name, value in tensors.items()})
