"""Links between GPUs: how long a ring of ranks waits for each other in a turn (data parallelism)."""

from dataclasses import dataclass

from gen_models.reports.plan.estimate import Estimate


@dataclass(frozen=True)
class Link:
    """A ring of ranks, as fast as its slowest link.

    Of n ranks each sends, while it receives as much, 2 (n - 1) / n times the bytes that are summed: Patarasuk & Yuan
    2009, Bandwidth optimal all-reduce algorithms, https://doi.org/10.1016/j.jpdc.2008.09.002. Latency is left out: some
    microseconds a rank and message, of which there is one for 25 MB.

    Attributes:
        ranks: GPUs, one process each.
        rate: GB/s of a link in one direction: 200 Gbit InfiniBand has 25, 10 Gbit Ethernet 1.25.
    """

    ranks: int = 8
    rate: float = 25.0

    def wait(self, plan: Estimate) -> float:
        """Give the seconds a turn at most: as if nothing were computed while gradients travel."""
        if self.ranks == 1:
            return 0.0
        around = 2 * (self.ranks - 1) / self.ranks * plan.summed + plan.exchange.buffers
        return around / (1e9 * self.rate)
