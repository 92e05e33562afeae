"""How well a decoder's output explains a sample.

A decoder's raw output means what the loss takes it for: logits, or means. So the loss also says which picture it stands
for.
"""

import math
from typing import Protocol, runtime_checkable

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


@runtime_checkable
class Reconstruction(Protocol):
    """A distance, or a negative log-likelihood, of x (B, *shape) in [-1, 1] given a decoder's raw output."""

    def __call__(self, raw: Tensor, x: Tensor) -> Tensor:
        """(B,), summed over the sample's dimensions."""

    def image(self, raw: Tensor) -> Tensor:
        """Give the sample in [-1, 1] that `raw` stands for."""


class Bernoulli:
    """Negative log-likelihood in nats of pixels as probabilities (Kingma and Welling 2014, appendix C.1)."""

    def __call__(self, raw: Tensor, x: Tensor) -> Tensor:
        """Cross-entropy of logits with (x + 1) / 2: a likelihood only where the pixels are binary."""
        return binary_cross_entropy_with_logits(raw, (x + 1) / 2, reduction="none").flatten(1).sum(1)

    def image(self, raw: Tensor) -> Tensor:
        """Give the probabilities, as grey values."""
        return raw.sigmoid() * 2 - 1


class Gaussian:
    """Negative log-density in nats of pixels in [-1, 1], with one fixed standard deviation.

    Args:
        sigma: The standard deviation; 0.1 is about 13 of 255 grey levels.
    """

    def __init__(self, sigma: float = 0.1) -> None:
        if sigma <= 0:
            raise ValueError(f"a standard deviation is positive, not {sigma}: change loss.sigma.")
        self.sigma = sigma

    def __call__(self, raw: Tensor, x: Tensor) -> Tensor:
        """½((x - raw) / σ)² + log σ + ½ log 2π, summed."""
        constant = math.log(self.sigma) + 0.5 * math.log(2 * math.pi)
        return (0.5 * ((x - raw) / self.sigma).square() + constant).flatten(1).sum(1)

    def image(self, raw: Tensor) -> Tensor:
        """Give the means."""
        return raw.clamp(-1, 1)


class SquaredError:
    """Half the squared Euclidean distance: no likelihood, for autoencoders that only reconstruct."""

    def __call__(self, raw: Tensor, x: Tensor) -> Tensor:
        """½‖x - raw‖²."""
        return 0.5 * (x - raw).square().flatten(1).sum(1)

    def image(self, raw: Tensor) -> Tensor:
        """Give the output itself."""
        return raw.clamp(-1, 1)
