"""Parameters that start from the first training batch.

Salimans and Kingma 2016, Weight normalization, section 3, https://arxiv.org/abs/1602.07868.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from gen_models.networks.layers.ranks import averaged


class FirstBatch(nn.Module, ABC):
    """Base class of modules whose parameters start from the first training batch, of all ranks.

    Whether that batch has come is a plain boolean in the state: on the device it would cost a synchronisation a turn.
    Evaluation never counts as the first batch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.initialised = False

    @property
    def waiting(self) -> bool:
        """Whether the next batch is the first."""
        return self.training and not self.initialised

    @abstractmethod
    def factor(self, variance: Tensor) -> Tensor:
        """Give what brings channels of these variances (C,) to the variance that they shall have at first."""

    @torch.no_grad()
    def take(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Take maps (B, C, *sides) for the first batch, and give means and factors (C,) of their channels."""
        x = x.float().transpose(0, 1).flatten(1)
        mean = averaged(x.mean(1))
        variance = averaged((x - mean[:, None]).square().mean(1))
        self.initialised = True
        return mean, self.factor(variance)

    def get_extra_state(self) -> bool:
        """Whether the first batch has come, for the checkpoint."""
        return self.initialised

    def set_extra_state(self, state: bool) -> None:
        """Restore whether it has come."""
        self.initialised = state
