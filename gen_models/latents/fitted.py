"""Gaussians fitted to latents: how GLO is sampled (Bojanowski et al. 2018, https://arxiv.org/abs/1707.05776)."""

import torch
from torch import Tensor


def like(rows: Tensor, n: int) -> Tensor:
    """Draw n latents (n, D) from the Gaussian of the mean and the full covariance of latents (N, D).

    Directions in which the latents do not vary do not vary in the draws: there may be fewer latents than dimensions.
    """
    variances, axes = torch.linalg.eigh(torch.cov(rows.detach().T, correction=0).reshape(rows.shape[1], -1))
    noise = torch.randn(n, rows.shape[1], device=rows.device)
    return rows.detach().mean(0) + noise * variances.clamp(min=0).sqrt() @ axes.T
