"""Distributed data parallel training that ends when a rank is silent (Li et al. 2020, https://arxiv.org/abs/2006.15704)."""

from datetime import timedelta

from lightning.pytorch.strategies import DDPStrategy

from gen_models.core.exchange import share
from gen_models.errors import UsageError


class Ranks(DDPStrategy):
    """A process for each device; the engine averages the gradients of the player that moves over all.

    Torch's wrapper would average those of all players in each move, zeros for who is frozen.

    Args:
        timeout: Seconds that a rank waits for the others (a stopped process, a node that is gone) before the run ends.
            Drawing and evaluating on rank 0 must be faster.

    Raises:
        UsageError: There is no time to wait.
    """

    def __init__(self, timeout: float = 1800) -> None:
        if timeout <= 0:
            raise UsageError(
                f"trainer.strategy.timeout={timeout} leaves ranks no time to wait for each other: raise it."
            )
        super().__init__(timeout=timedelta(seconds=timeout))

    def configure_ddp(self) -> None:
        """Begin with the weights of rank 0, and wrap nothing."""
        assert self.model is not None
        share([*self.model.parameters(), *self.model.buffers()])
