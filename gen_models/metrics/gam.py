"""The generative adversarial metric (Im et al. 2016: Generating images with recurrent adversarial networks, section 4).

https://arxiv.org/abs/1602.05110

Two models judge each other: each one's critic sees the other's samples, and held-out data. The paper divides error
rates, the authors' program divides accuracies; both are here, each under its name. They agree on who is better, and
may disagree on whether the critics are equal enough for a verdict.
"""

import math
from typing import NamedTuple

from gen_models.metrics.record import NORMAL
from gen_models.metrics.standard_errors import smoothed


class CriticRates(NamedTuple):
    """Acceptance rates of a critic: the share of the other's samples, and of held-out data, that it took for real."""

    other: float
    held_out: float


class Reading(NamedTuple):
    """Both ratios of the first model to the second, and who is better: first, second, tie or withheld."""

    sample_ratio: float
    test_ratio: float
    verdict: str


def accuracy_reading(first: CriticRates, second: CriticRates, n: int, tolerance: float) -> Reading:
    """Ratios of accuracies, as in the authors' program: the first is better where its sample ratio is above 1."""
    sample = ratio(1 - first.other, 1 - second.other)
    test = ratio(first.held_out, second.held_out)
    return Reading(sample, test, _verdict(sample, test, _error(1 - first.other, 1 - second.other, n), tolerance))


def error_reading(first: CriticRates, second: CriticRates, n: int, tolerance: float) -> Reading:
    """Ratios of error rates, as in the paper: the first is better where its sample ratio is below 1."""
    sample = ratio(first.other, second.other)
    test = ratio(1 - first.held_out, 1 - second.held_out)
    advantage = ratio(second.other, first.other)
    return Reading(sample, test, _verdict(advantage, test, _error(first.other, second.other, n), tolerance))


def ratio(above: float, below: float) -> float:
    """Divide shares; nothing by nothing is 1, since then they are equal."""
    if above == below:
        return 1.0
    return above / below if below else math.inf


def _error(above: float, below: float, n: int) -> float:
    """Standard error of the logarithm of a ratio of shares of n (delta method), finite also for none and all."""
    shares = (smoothed(share, n) for share in (above, below))
    return math.sqrt(sum((1 - share) / (n * share) for share in shares))


def _verdict(advantage: float, test: float, error: float, tolerance: float) -> str:
    """Who is better; nobody where the critics are unequal, a tie where the advantage may be chance."""
    if not 1 / (1 + tolerance) <= test <= 1 + tolerance:
        return "withheld"
    logarithm = math.log(advantage) if advantage else -math.inf
    if abs(logarithm) <= NORMAL * error:
        return "tie"
    return "first" if logarithm > 0 else "second"
