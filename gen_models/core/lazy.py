"""Adam for a player whose loss has a term on some moves only (lazy regularisation)."""

from collections.abc import Iterable
from typing import final

from torch import nn
from torch.optim import Adam


@final
class LazyAdam(Adam):
    """Adam with the rate and the decays of lazy regularisation: as if the term had moves of its own.

    Karras et al. (2020), StyleGAN2, appendix B, https://arxiv.org/abs/1912.04958: with c = every / (every + 1) the rate
    is cλ, and β₁ and β₂ are raised to the power c. There the term has a step of its own; here it joins the loss of the
    move in which it is due, which then goes about √c times as far.

    Args:
        params: What is optimised.
        lr: λ.
        betas: β₁ and β₂.
        every: Moves from one measurement of the term to the next: its penalty's `every`.
        eps: See `torch.optim.Adam`.
        fused: See `torch.optim.Adam`.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        every: int = 16,
        eps: float = 1e-8,
        fused: bool | None = None,
    ) -> None:
        share = every / (every + 1)
        first, second = betas
        super().__init__(params, lr=share * lr, betas=(first**share, second**share), eps=eps, fused=fused)
