"""Backtracking of a training that fits one picture (Ulyanov et al. 2018, https://arxiv.org/abs/1711.10925)."""

from copy import deepcopy

import torch
from torch import Tensor, nn

from gen_models.bounds import Scale


class Backtracking(nn.Module):
    """Backtracking: where the fit suddenly drops, the weights fall back to the last good ones.

    The authors' code of the deep image prior, whose training with Adam now and then breaks down
    (DmitryUlyanov/deep-image-prior, denoising.ipynb). There a move is then made from the last good weights with the
    gradient of the bad ones; here it is not made at all. Nothing waits for the device, and the good weights are part
    of the checkpoint.

    Args:
        drop: Decibels of PSNR to what is observed, in one move, from which on the move is taken back.
    """

    fit: Tensor
    kept: Tensor

    def __init__(self, drop: Scale = 5.0) -> None:
        super().__init__()
        self.drop = drop
        self.register_buffer("fit", torch.tensor(-torch.inf))
        self.register_buffer("kept", torch.tensor(True), persistent=False)

    def attach(self, network: nn.Module) -> None:
        """Take the present weights of a network as good."""
        self.good = deepcopy(network).requires_grad_(False)

    @torch.no_grad()
    def observe(self, network: nn.Module, fit: Tensor) -> None:
        """Before a move, take the weights as good, unless their fit (dB) has dropped or is no number."""
        self.kept = fit >= self.fit - self.drop
        self.fit.copy_(torch.where(self.kept, fit, self.fit))
        for good, present in zip(self.good.parameters(), network.parameters(), strict=True):
            good.copy_(torch.where(self.kept, present, good))

    @torch.no_grad()
    def settle(self, network: nn.Module) -> None:
        """After the move, bring the good weights back if those before it were not."""
        for good, present in zip(self.good.parameters(), network.parameters(), strict=True):
            present.copy_(torch.where(self.kept, present, good))
