"""Lazy regularisation: terms that come on some moves only, and Adam for a player that has such."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import lcm
from typing import final

from torch import Tensor, nn
from torch.optim import Adam

from gen_models.bounds import Positive
from gen_models.core.batch import Batch
from gen_models.errors import UsageError


@dataclass(frozen=True)
class Lazy:
    """Lazy regularisation: terms of an objective that come on every k-th move of a player, and weigh k times as much.

    They take a step of their own right after that of the move, by the same optimizer and with random numbers of their
    own. Karras et al. (2020), StyleGAN2, section 3.1, https://arxiv.org/abs/1912.04958, and the authors' code. There a
    weight that no such term reaches has a gradient of zero; here Adam leaves it alone, also its second moment.

    Attributes:
        every: k of each term by its name, at least 1; each comes with the first move, and then on every k-th.
        losses: Gives the terms of some names for a batch, before they are weighed, averaged over the batch.

    Raises:
        UsageError: A k is below 1.
    """

    every: Mapping[str, int]
    losses: Callable[[Batch, Sequence[str]], Mapping[str, Tensor]]

    def __post_init__(self) -> None:
        for name, every in self.every.items():
            if every < 1:
                raise UsageError(f"the lazy term '{name}' comes on every n-th move with n ≥ 1, not {every}.")

    def due(self, moves: int) -> tuple[str, ...]:
        """Name the terms that come with the move after so many."""
        return tuple(name for name, every in self.every.items() if moves % every == 0)

    def shares(self) -> dict[tuple[str, ...], float]:
        """Give the share of moves that come with each set of terms, of those that come with any."""
        period = lcm(*self.every.values())
        counted = Counter(filter(None, map(self.due, range(period))))
        return {names: count / period for names, count in counted.items()}

    def weighed(self, batch: Batch, names: Sequence[str]) -> dict[str, Tensor]:
        """Give the terms of these names for a batch, each weighed by its k."""
        return {name: self.every[name] * term for name, term in self.losses(batch, names).items()} if names else {}


@final
class LazyAdam(Adam):
    """Adam with the rate and the decays of lazy regularisation, whose terms take steps besides those of the moves.

    Karras et al. (2020), StyleGAN2, appendix B, https://arxiv.org/abs/1912.04958: with c = every / (every + 1) the rate
    is cλ, and β₁ and β₂ are raised to the power c, so that every + 1 steps go as far as `every` would by plain Adam.

    Args:
        params: What is optimised.
        lr: λ.
        betas: β₁ and β₂.
        every: Moves from one measurement of the term to the next: its penalty's `every`. With 1 the term joins the loss
            of each move, and this is plain Adam.
        eps: See `torch.optim.Adam`.
        fused: See `torch.optim.Adam`.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        every: Positive = 16,
        eps: float = 1e-8,
        fused: bool | None = None,
    ) -> None:
        share = every / (every + 1) if every > 1 else 1.0
        first, second = betas
        super().__init__(params, lr=share * lr, betas=(first**share, second**share), eps=eps, fused=fused)
