"""Batch normalisation as a bijection (RealNVP, Dinh et al. 2017, https://arxiv.org/abs/1605.08803)."""

import torch
from torch import Tensor

from gen_models.networks.flows.bijection import Bijection

MOMENTUM, EPSILON = 0.1, 1e-4


class BatchNormalisation(Bijection):
    """Batch normalisation of what a coupling has moved, with its log-determinant.

    Dinh et al. (2017), section 3.7 and appendix E, https://arxiv.org/abs/1605.08803.

    In training the statistics are the batch's, and the log-determinant takes them as given. In evaluation, and for the
    inverse, they are the running ones: then it is a fixed affine map, and densities are exact. As in the authors' code
    the moments are over all places, those that are left alone counting as zero.

    Args:
        moves: Ones where the coupling has moved the data (C, H, W), zeros elsewhere; sides of 1 stand for all.
        channels: Channels of the data.
    """

    looks_across_batch = True
    running_statistics = ("mean", "variance")
    moves: Tensor
    mean: Tensor
    variance: Tensor

    def __init__(self, moves: Tensor, channels: int) -> None:
        super().__init__()
        self.register_buffer("moves", moves, persistent=False)
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("variance", torch.ones(channels, 1, 1))

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Normalise; each channel's log-deviation counts once for every place that was moved."""
        mean, variance = self._batch(x * self.moves) if self.training else (self.mean, self.variance)
        log_scale = -0.5 * (variance + EPSILON).log() * self.moves
        log_det = log_scale.expand(x.shape[1:]).sum()
        return (x - mean * self.moves) * log_scale.exp(), log_det.expand(len(x))

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Undo the normalisation by the running statistics."""
        deviation = (0.5 * (self.variance + EPSILON).log() * self.moves).exp()
        return z * deviation + self.mean * self.moves

    def _batch(self, moved: Tensor) -> tuple[Tensor, Tensor]:
        """The batch's moments (C, 1, 1), which the running ones follow."""
        variance, mean = (each[0] for each in torch.var_mean(moved, dim=(0, 2, 3), correction=0, keepdim=True))
        self.mean.lerp_(mean.detach(), MOMENTUM)
        self.variance.lerp_(variance.detach(), MOMENTUM)
        return mean, variance
