"""Heads of critics: logits, projections and classes on a body's features."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from gen_models.networks.layers.conditioning import required
from gen_models.networks.layers.weights import EPSILON, normalise_spectrally


class Body(nn.Module, ABC):
    """Body (backbone) of a critic or encoder: samples to features.

    Attributes:
        num_features: Size of the features.
        classes: Classes that it is conditioned on; 0 when it ignores them.
    """

    num_features: int
    classes: int

    @property
    def sizes(self) -> Sequence[int]:
        """Sizes of what `trace` shows."""
        return [self.num_features]

    @abstractmethod
    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of samples (B, *shape) of classes (B,)."""

    def trace(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        """Give the features, and intermediate features, each (B, sizes[i]), the coarsest scale first."""
        features = self(x, y)
        return features, [features]

    def begin(self, head: nn.Linear) -> None:  # noqa: B027 (a body of layers as torch starts them has nothing to do)
        """Start a layer on the features as this body's own layers start; torch's start by default."""

    def readout(self, size: int, bias: bool = True) -> nn.Linear:
        """Make a linear layer from the features to so many numbers, which starts as this body's own layers."""
        layer = nn.Linear(self.num_features, size, bias)
        self.begin(layer)
        return layer


class BodiedCritic(nn.Module, ABC):
    """Critic with a body: its logit follows from the body's features.

    Attributes:
        body: Gives the features.
        classes: Classes that it is conditioned on; 0 when it ignores them.
    """

    body: Body
    classes: int

    @abstractmethod
    def logits(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of features (B, num_features)."""

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of samples (B, *shape) of classes (B,)."""
        return self.logits(self.body(x, y), y)

    @property
    def sizes(self) -> Sequence[int]:
        """Sizes of what `trace` shows."""
        return self.body.sizes

    def trace(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        """Give the logits (B,), and the body's intermediate features, each (B, sizes[i]), the coarsest scale first."""
        features, intermediate = self.body.trace(x, y)
        return self.logits(features, y), intermediate


class Critic(BodiedCritic):
    """Unconditional critic: a body and one linear logit.

    Args:
        body: Gives the features.
        spectral: Divide every layer's weight by its largest singular value (Miyato et al. 2018,
            https://arxiv.org/abs/1802.05957).
        bias: Give the logit a bias.
    """

    def __init__(self, body: Body, spectral: bool = False, bias: bool = True) -> None:
        super().__init__()
        self.body = body
        self.head = body.readout(1, bias)
        self.classes = body.classes
        if spectral:
            normalise_spectrally(self)

    def logits(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of features (B, num_features)."""
        return self.head(features).squeeze(1)


class ProjectionCritic(BodiedCritic):
    """Projection discriminator: w·φ + b + ⟨v_y, φ⟩, with a vector v for each class.

    Miyato and Koyama (2018), cGANs with projection discriminator, equation 5, https://arxiv.org/abs/1802.05637.

    Args:
        body: Gives the features φ.
        classes: How many class vectors v there are; 0 leaves the linear logit alone.
        spectral: Divide every layer's weight, and the matrix of class vectors, by its largest singular value.
        bias: Give the linear logit a bias b.
    """

    def __init__(self, body: Body, classes: int = 0, spectral: bool = False, bias: bool = True) -> None:
        super().__init__()
        self.body = body
        self.head = body.readout(1, bias)
        # Class vectors are the rows of a linear layer on the features, and start as one.
        rows = body.readout(classes, bias=False).weight if classes else None
        self.embed = nn.Embedding.from_pretrained(rows, freeze=False) if rows is not None else None
        self.classes = classes or body.classes
        if spectral:
            normalise_spectrally(self)
            if self.embed is not None:
                spectral_norm(self.embed, eps=EPSILON)

    def logits(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of features (B, num_features) of classes (B,)."""
        logits = self.head(features).squeeze(1)
        if self.embed is None:
            return logits
        return logits + (self.embed(required(y)) * features).sum(dim=1)


@runtime_checkable
class HasPredictions(Protocol):
    """Critic with an auxiliary output: it also predicts a sample's class, or its codes."""

    @property
    def predictions(self) -> int:
        """Size K of a prediction."""

    def logits_and_predictions(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give logits (B,), and logits of the class (B, K) or what is known of the codes (B, K), in one pass."""


class ClassifyingCritic(nn.Module):
    """Auxiliary classifier critic (AC-GAN): a logit and a classifier on one body.

    Odena et al. (2017), https://arxiv.org/abs/1610.09585.

    Args:
        body: Gives the features; it is not told the class that is to be predicted.
        classes: How many classes there are to predict.
        spectral: Divide every layer's weight by its largest singular value.

    Raises:
        ValueError: There is nothing to predict.
    """

    def __init__(self, body: Body, classes: int, spectral: bool = False) -> None:
        super().__init__()
        if classes < 1 or body.classes:
            raise ValueError("a classifying critic needs data with classes, and a body that is not told them.")
        self.body = body
        self.head = body.readout(1)
        self.classifier = body.readout(classes)
        self.classes = self.predictions = classes
        if spectral:
            normalise_spectrally(self)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of samples (B, *shape)."""
        return self.head(self.body(x)).squeeze(1)

    def logits_and_predictions(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give logits (B,) and class logits (B, classes) in one pass."""
        features = self.body(x)
        return self.head(features).squeeze(1), self.classifier(features)
