"""What is read off a body's features."""

from abc import ABC, abstractmethod

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


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
    """

    def __init__(self, body: Body, spectral: bool = False) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Linear(body.num_features, 1)
        self.classes = body.classes
        if spectral:
            for layer in list(self.modules()):
                if isinstance(layer, nn.Conv2d | nn.Linear):
                    spectral_norm(layer)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of samples (B, *shape)."""
        return self.head(self.body(x, y)).squeeze(1)
