"""Distributed data parallel training that ends when a rank is silent (Li et al. 2020, https://arxiv.org/abs/2006.15704)."""

from datetime import timedelta

from lightning.pytorch.strategies import DDPStrategy

from gen_models.errors import UsageError


class Ranks(DDPStrategy):
    """A process for each device, gradients averaged over all; players that alternate leave parameters unused.

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
        super().__init__(find_unused_parameters=True, timeout=timedelta(seconds=timeout))
