"""Rate of a machine: what turns arithmetic into hours."""

from dataclasses import dataclass

from gen_models.reports.plan.estimate import Estimate


@dataclass(frozen=True)
class Rate:
    """How fast a GPU is, as far as a plan knows.

    Large convolutions reach a third of what a data sheet promises; small networks, and those that draw step after step,
    wait for their kernels to be launched one by one.

    Attributes:
        tflops: Peak of the data sheet in TFLOP/s, for the precision that is meant: an A100's is 156 in TF32.
        utilisation: Share of it that is reached.
        launch: Microseconds from one kernel to the next, where the GPU waits for Python.
    """

    tflops: float = 156.0
    utilisation: float = 0.3
    launch: float = 8.0

    def arithmetic(self, plan: Estimate) -> float:
        """Give the hours of arithmetic."""
        return plan.flops / (self.tflops * 1e12 * self.utilisation) / 3600

    def launches(self, plan: Estimate) -> float:
        """Give the hours in which kernels can be launched."""
        return plan.kernels * self.launch * 1e-6 / 3600

    def hours(self, plan: Estimate, gpus: int = 1) -> float:
        """Give the larger of both, for one goes on during the other; several GPUs share the arithmetic of a batch."""
        return max(self.arithmetic(plan) / gpus, self.launches(plan))

    def __str__(self) -> str:
        return f"{self.utilisation:.0%} of {self.tflops:g} TFLOP/s"
