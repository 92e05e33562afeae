"""What a sample costs: evaluations of the network, one after another, and seconds on a named device."""

from statistics import median
from time import perf_counter

from gen_models.analysis.effort import evaluations_of
from gen_models.analysis.subject import Subject, SubjectFigure
from gen_models.metrics.record import COSTS, Estimate
from gen_models.run.accelerators import described

EVALUATIONS, SECONDS = COSTS
BATCH = 64
"""Samples that are drawn together, as `gen-models sample` draws them."""
TIMES = 3
"""Batches that are timed, of which the median counts."""
PATIENCE = 10.0
"""Seconds after which no further batch is timed."""


def cost(subject: Subject) -> list[Estimate]:
    """Count evaluations, where it is known how many there are, and time batches of samples."""
    took = _timed(subject)
    protocol = {"batch": BATCH, "device": described(subject.device)}
    seconds = Estimate(median(took) / BATCH, None, protocol, {"batches": len(took)}, title=SECONDS)
    count = evaluations_of(subject.model)
    return [seconds] if count is None else [Estimate(float(count), title=EVALUATIONS), seconds]


def _timed(subject: Subject) -> list[float]:
    """Give the seconds of each batch until it lies in the memory of the processor."""
    draw, took = subject.sampler or subject.model.sample, list[float]()
    while len(took) < TIMES and sum(took) < PATIENCE:
        start = perf_counter()
        draw(BATCH).cpu()
        took.append(perf_counter() - start)
    return took


COST = SubjectFigure(
    name="cost",
    titles=COSTS,
    higher_is_better=False,
    take=cost,
    slow=True,
    held_out=False,
    reads=(),
)
