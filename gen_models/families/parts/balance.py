"""Equilibrium rule: skip the update of the stronger player (VAEGAN: Larsen et al. 2016).

https://arxiv.org/abs/1512.09300
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gen_models.core.readback import Readback


class BalanceGate(nn.Module):
    """Gate on updates: stops the critic while it is too strong, and the generator while the critic is too weak.

    The rule of andersbll/autoencoding_beyond_pixels (Larsen et al. 2016), on the critic's cross-entropy for real and
    for generated samples, which is 0.69 for one that guesses. It looks at the last turn (there: at the present one), by
    a buffer that is equal on all ranks and saved, so that all decide alike, also after a restart. A decision waits for
    the last turn's logits, and not for the move that the critic then made.

    Args:
        equilibrium: The cross-entropy that is aimed at.
        margin: The critic rests where either cross-entropy is more than this below, the generator where one is above.
    """

    observed: Tensor

    def __init__(self, equilibrium: float = 0.68, margin: float = 0.35) -> None:
        super().__init__()
        self.low, self.high = equilibrium - margin, equilibrium + margin
        self.critic_moves = self.generator_moves = True
        self.register_buffer("observed", torch.zeros(3))  # sums of the cross-entropies, and how many
        self._reading: Readback | None = None

    @torch.no_grad()
    def observe(self, real: Tensor, fake: Tensor) -> None:
        """Note the critic's logits (B,) of real and of generated samples."""
        costs = torch.stack([softplus(-real).mean(), softplus(fake).mean(), torch.ones_like(real[0])])
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.all_reduce(costs)
        self.observed += costs
        self._reading = Readback(self.observed)

    def decide(self) -> None:
        """Say for this turn who moves, by what was observed since the last decision: both, if that was nothing."""
        reading = Readback(self.observed) if self._reading is None else self._reading  # the former after a restart
        self._reading = None
        real, fake, count = reading.tolist()
        self.observed.zero_()
        costs = (real / count, fake / count) if count else ()
        strong, weak = any(cost < self.low for cost in costs), any(cost > self.high for cost in costs)
        self.critic_moves, self.generator_moves = not strong or weak, not weak or strong
