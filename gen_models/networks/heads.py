"""What is read off a body's features."""

from abc import ABC, abstractmethod
from typing import Protocol, runtime_checkable

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from gen_models.networks.conditioning import required
from gen_models.networks.weights import EPSILON, normalise_spectrally


class Body(nn.Module, ABC):
    """Samples to features.

    Attributes:
        num_features: Size of the features.
        classes: Classes that it is told; 0 when it ignores them.
    """

    num_features: int
    classes: int

    @abstractmethod
    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of samples (B, *shape) of classes (B,)."""


class Critic(nn.Module):
    """A body and one linear logit.

    Args:
        body: Gives the features.
        spectral: Divide every layer's weight by its largest singular value (Miyato et al. 2018).
        bias: Give the logit a bias.
    """

    def __init__(self, body: Body, spectral: bool = False, bias: bool = True) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Linear(body.num_features, 1, bias=bias)
        self.classes = body.classes
        if spectral:
            normalise_spectrally(self)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of samples (B, *shape)."""
        return self.head(self.body(x, y)).squeeze(1)


class ProjectionCritic(nn.Module):
    """A critic whose logit grows with the features' projection on the class: w·φ + b + ⟨v_y, φ⟩.

    Miyato and Koyama (2018): cGANs with projection discriminator, equation 5.

    Args:
        body: Gives the features φ.
        classes: How many class vectors v there are; 0 leaves the linear logit alone.
        spectral: Divide every layer's weight, and the matrix of class vectors, by its largest singular value.
    """

    def __init__(self, body: Body, classes: int = 0, spectral: bool = False) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Linear(body.num_features, 1)
        self.embed = nn.Embedding(classes, body.num_features) if classes else None
        self.classes = classes or body.classes
        if self.embed is not None:
            nn.init.orthogonal_(self.embed.weight)
        if spectral:
            normalise_spectrally(self)
            if self.embed is not None:
                spectral_norm(self.embed, eps=EPSILON)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of samples (B, *shape) of classes (B,)."""
        features = self.body(x, y)
        logits = self.head(features).squeeze(1)
        if self.embed is None:
            return logits
        return logits + (self.embed(required(y)) * features).sum(dim=1)


@runtime_checkable
class Classifies(Protocol):
    """A critic that also guesses the class."""

    def classify(self, x: Tensor) -> Tensor:
        """Give class logits (B, K) of samples (B, *shape)."""

    def both(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give logits (B,) and class logits (B, K) in one pass."""


class ClassifyingCritic(nn.Module):
    """A critic and a classifier on one body (Odena et al. 2017: auxiliary classifier GANs).

    Args:
        body: Gives the features; it is not told the class that is to be guessed.
        classes: How many classes there are to guess.
        spectral: Divide every layer's weight by its largest singular value.

    Raises:
        ValueError: There is nothing to guess.
    """

    def __init__(self, body: Body, classes: int, spectral: bool = False) -> None:
        super().__init__()
        if classes < 1 or body.classes:
            raise ValueError("a classifying critic needs data with classes, and a body that is not told them.")
        self.body = body
        self.head = nn.Linear(body.num_features, 1)
        self.classifier = nn.Linear(body.num_features, classes)
        self.classes = classes
        if spectral:
            normalise_spectrally(self)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of samples (B, *shape)."""
        return self.head(self.body(x)).squeeze(1)

    def classify(self, x: Tensor) -> Tensor:
        """Give class logits (B, classes) of samples (B, *shape)."""
        return self.classifier(self.body(x))

    def both(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give logits (B,) and class logits (B, classes) in one pass."""
        features = self.body(x)
        return self.head(features).squeeze(1), self.classifier(features)
