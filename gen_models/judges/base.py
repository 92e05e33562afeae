"""Judges: fixed losses of a batch of samples, such as perceptual ones."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from gen_models.bounds import Weight
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.metrics.classifier import Classifier
from gen_models.metrics.extractors import Extractor


class Judge(nn.Module, ABC):
    """Fixed loss of a batch of samples; nothing of it is trained.

    Networks that it uses are no children of it: they don't change, so no checkpoint holds them.

    Args:
        weight: Factor on the loss.

    Attributes:
        paired: It compares each sample with an original of its own, which only models that restore have.
    """

    paired: bool = False

    def __init__(self, weight: Weight = 1.0) -> None:
        super().__init__()
        self.weight = weight

    def prepare(self, source: Source, device: torch.device) -> None:
        """Load and compute what the loss needs on `device`, in each process in the same way."""

    def forward(self, fake: Tensor, real: Tensor, y: Tensor) -> Tensor:
        """Give the weighted loss, a scalar, in float32 also under autocast.

        Args:
            fake: (B, *shape) in [-1, 1] of classes `y`.
            real: (B', *shape), for judges that compare: the originals in the order of `fake` for those that are paired.
            y: (B,).
        """
        with torch.autocast(fake.device.type, enabled=False):
            return self.weight * self.measure(fake.float(), real, y)

    @abstractmethod
    def measure(self, fake: Tensor, real: Tensor, y: Tensor) -> Tensor:
        """Give the loss without its weight, a scalar."""


class Panel(nn.ModuleDict):
    """Several judges by name, each with a term of its own."""

    def prepare(self, source: Source, device: torch.device) -> None:
        """Prepare each judge."""
        for judge in self._judges().values():
            judge.prepare(source, device)

    def forward(self, fake: Tensor, real: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Give each judge's weighted loss by its name."""
        return {name: judge(fake, real, y) for name, judge in self._judges().items()}

    def _judges(self) -> dict[str, Judge]:
        return {name: judge for name, judge in self.items() if isinstance(judge, Judge)}


def panel_of_samples(judges: Mapping[str, Judge] | None) -> Panel:
    """Give the panel of a model whose samples have no originals.

    Raises:
        UsageError: A judge would compare them with such.
    """
    for name, judge in (judges or {}).items():
        if judge.paired:
            raise UsageError(f"judge={name} compares restorations with their originals: it is for model=vqgan.")
    return Panel(judges)


class FeatureJudge(Judge):
    """Judge on the features of a metric's extractor; samples are rounded to 8 bits, which gradients ignore.

    Args:
        extractor: Gives the features.
        weight: Factor on the loss.
        cache: Where extractors that are trained on the data are kept.
    """

    def __init__(self, extractor: Extractor | Classifier, weight: Weight = 1.0, cache: str | None = None) -> None:
        super().__init__(weight)
        self.cache = cache
        self.extractor = (extractor,)  # in a tuple, and so no child

    def prepare(self, source: Source, device: torch.device) -> None:
        """Load the extractor, or train it on the data."""
        (extractor,) = self.extractor
        ready = extractor.prepare(source.reference, source.test, source.fingerprint, self.cache, device)
        self.extractor = (ready,)

    def features(self, x: Tensor) -> Tensor:
        """Give the features (B, F) of samples."""
        (extractor,) = self.extractor
        assert isinstance(extractor, Extractor)  # what is to be prepared was replaced by what came of it
        return extractor(x)[0]
