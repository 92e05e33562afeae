"""What has lately been seen, as a distribution that follows."""

import torch
from torch import Tensor, nn


class RunningGaussian(nn.Module):
    """A Gaussian with the exponential moving mean and covariance of batches of vectors.

    Before anything is seen it is N(0, 1); the first 1 / (1 - decay) batches all weigh the same.

    Args:
        dim: Size of a vector.
        decay: Weight of the past when a batch comes.
    """

    mean: Tensor
    covariance: Tensor
    seen: Tensor

    def __init__(self, dim: int, decay: float = 0.99) -> None:
        super().__init__()
        self.decay = decay
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("covariance", torch.eye(dim))
        self.register_buffer("seen", torch.zeros(()))

    @torch.no_grad()
    def observe(self, vectors: Tensor) -> None:
        """Take in (B, dim): the moments of a mixture of the past and the batch."""
        self.seen += 1
        share = (1 / self.seen).clamp(min=1 - self.decay)
        step = vectors.mean(0) - self.mean
        with torch.autocast(vectors.device.type, enabled=False):
            batch = torch.cov(vectors.T, correction=0).view_as(self.covariance)
            self.covariance.lerp_(batch, share).add_(share * (1 - share) * step.outer(step))
        self.mean.add_(share * step)

    def sample(self, n: int) -> Tensor:
        """Draw (n, dim); dimensions in which nothing ever varied do not vary."""
        variances, axes = torch.linalg.eigh(self.covariance)
        noise = torch.randn(n, len(self.mean), device=self.mean.device)
        return self.mean + noise * variances.clamp(min=0).sqrt() @ axes.T
