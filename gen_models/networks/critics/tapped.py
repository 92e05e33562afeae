"""Critic with a feature layer, in which samples can be compared (VAEGAN, Larsen et al. 2016, https://arxiv.org/abs/1512.09300)."""

from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from gen_models.networks.critics.heads import Body
from gen_models.networks.layers.weights import EPSILON, normalise_spectrally


@runtime_checkable
class Tapped(Protocol):
    """Critic that also gives the features of one of its layers."""

    def features_and_logits(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give that layer's features (B, F), and the logits (B,), of samples (B, *shape) in one pass."""


class TappedCritic(nn.Module):
    """VAEGAN critic: a body whose features are given too, a normalised hidden layer, and one linear logit.

    The end of the critic of Larsen et al. (2016; andersbll/autoencoding_beyond_pixels), https://arxiv.org/abs/1512.09300.
    Features are given in units of their standard deviation: what a distance in them weighs must not follow from the
    initial weights.

    Args:
        body: Gives the features.
        hidden: Size of the layer between the features and the logit.
        spectral: Divide every layer's weight by its largest singular value.
    """

    def __init__(self, body: Body, hidden: int = 512, spectral: bool = False) -> None:
        super().__init__()
        self.body = body
        self.classes = body.classes
        self.hidden = nn.Linear(body.num_features, hidden, bias=False)
        self.head = nn.Sequential(nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, 1))
        if spectral:
            normalise_spectrally(self)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of samples (B, *shape)."""
        return self.features_and_logits(x, y)[1]

    def features_and_logits(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give the body's features (B, F), in units of their spread over the batch, and the logits (B,) in one pass."""
        features = self.body(x, y)
        unit = features.detach().var(dim=0).mean().sqrt() + EPSILON
        return features / unit, self.head(self.hidden(features)).squeeze(1)
