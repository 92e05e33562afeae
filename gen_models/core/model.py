"""Base class of generative models."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from gen_models.core.average import Averages
from gen_models.core.engine import Engine
from gen_models.core.precision import PLAIN, computing
from gen_models.errors import UsageError
from gen_models.networks.layers.conditioning import Conditional
from gen_models.randomness import isolated


class GenerativeModel(Engine):
    """Base class of every family: networks, players that train them, and samples.

    What a model can do besides is said by the protocols of `gen_models.core.abilities`.

    Attributes:
        precision: Of the run, as Lightning names it; within `evaluating` the model computes in it.
        other_way: Settings of its sampling that are not its own, by name (`gen_models.analysis.ways`).
    """

    precision: str = PLAIN
    other_way: Mapping[str, Any] = MappingProxyType({})

    @abstractmethod
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw from the model, as it is now, without gradients.

        Args:
            n: How many.
            y: (n,) int64 classes; None lets a conditional model draw them evenly.

        Returns:
            (n, *shape) float32 in [-1, 1] on the model's device.
        """

    @property
    def classes(self) -> int:
        """Classes that a sample can be asked for; 0 for an unconditional model."""
        return max((net.classes for net in self.children() if isinstance(net, Conditional)), default=0)

    def labels(self, n: int, y: Tensor | None = None) -> Tensor:
        """Give (n,) int64 classes on the model's device: `y` if given, else drawn evenly.

        Raises:
            UsageError: The model can't make a class in `y`.
        """
        if y is None:
            return torch.randint(max(1, self.classes), (n,), device=self.device)
        if not self.classes:
            raise UsageError("this model was trained without classes: sample it without asking for one.")
        if int(y.min()) < 0 or int(y.max()) >= self.classes:
            raise UsageError(f"the model makes classes 0 to {self.classes - 1}, not {int(y.max())}.")
        return y.to(self.device)

    def insist_on_classes(self) -> None:
        """Refuse networks that are told no class.

        Raises:
            UsageError: A sample can be asked for none.
        """
        if not self.classes:
            raise UsageError(
                "this model draws a class on demand, and the data has none: "
                "docs/data.md says what makes classes of each set, and data.labelled hides them."
            )

    @contextmanager
    def evaluating(self, *key: str | int) -> Iterator[None]:
        """Look at the model without disturbing its training.

        Within, the networks are in evaluation mode with their averaged weights and in the run's precision, no gradients
        are recorded, and random numbers come from generators keyed by `key`.
        """
        training = {module: module.training for module in self.modules()}
        self.eval()
        try:
            averaged = self.averages.swapped(dict(self.named_children()))
            with torch.no_grad(), isolated(*key), averaged, computing(self.precision, self.device):
                yield
        finally:
            for module, mode in training.items():
                module.training = mode

    def adopt_averages(self) -> None:
        """Replace the weights by their averages for good, as a loaded model's are."""
        self.averages.swap(dict(self.named_children()))
        self.forget_averages()

    def forget_averages(self) -> None:
        """Keep no averages from now on."""
        self.averages = Averages({}, self.averages.averaging)
