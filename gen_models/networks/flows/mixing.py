"""Invertible 1x1 convolution (Glow, Kingma and Dhariwal 2018, https://arxiv.org/abs/1807.03039)."""

import torch
from torch import Tensor, nn
from torch.linalg import lu, qr, solve_triangular
from torch.nn.functional import conv2d, linear

from gen_models.networks.flows.bijection import Bijection


class InvertibleLinear(Bijection):
    """Invertible 1x1 convolution W = P L (U + diag s), at first a random rotation.

    Kingma and Dhariwal (2018), section 3.2, https://arxiv.org/abs/1807.03039: P is fixed, L has a unit diagonal, U
    none, so that log|det W| = Σ log|s|.

    Args:
        channels: Channels of the data.
    """

    permutation: Tensor
    sign: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        permutation, lower, upper = lu(qr(torch.randn(channels, channels)).Q)
        s = upper.diagonal()
        self.register_buffer("permutation", permutation)
        self.register_buffer("sign", s.sign())
        self.log_s = nn.Parameter(s.abs().log())
        self.lower = nn.Parameter(lower.tril(-1))
        self.upper = nn.Parameter(upper.triu(1))

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mix the channels; each log|s| counts once for every pixel."""
        with torch.autocast(x.device.type, enabled=False):
            lower, upper = self._factors()
            pixels = x[0, 0].numel()
            return _mix(x, self.permutation @ lower @ upper), (pixels * self.log_s.sum()).expand(len(x))

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Mix the channels back by U⁻¹ L⁻¹ Pᵀ."""
        with torch.autocast(z.device.type, enabled=False):
            lower, upper = self._factors()
            half = solve_triangular(lower, self.permutation.T, upper=False, unitriangular=True)
            return _mix(z, solve_triangular(upper, half, upper=True))

    def _factors(self) -> tuple[Tensor, Tensor]:
        lower = self.lower.tril(-1) + torch.eye(len(self.sign), device=self.sign.device)
        return lower, self.upper.triu(1) + (self.sign * self.log_s.exp()).diag()


def _mix(x: Tensor, weight: Tensor) -> Tensor:
    return linear(x, weight) if x.ndim == 2 else conv2d(x, weight[:, :, None, None])
