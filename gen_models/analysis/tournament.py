"""A tournament: everybody's critic judges everybody's samples, and held-out data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import torch
from torch import Tensor

from gen_models.core.abilities.judgement import Scores
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import classes_of, gathered, picked
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.media.pixels import to_uint8, to_unit_range
from gen_models.metrics.classes import apportioned
from gen_models.metrics.critic import trained_critic
from gen_models.metrics.gam import CriticRates, Reading, accuracy_reading, error_reading
from gen_models.metrics.rating import Ratings, rate
from gen_models.waiting import awaited

Critics = Literal["own", "trained"]
Cut = Literal["best", "zero"]
BATCH = 100


@dataclass(frozen=True)
class Entrant:
    """Pair of a generator, by its samples, and of a critic that judges the samples of all others.

    Attributes:
        name: For the tables; a critic trained afterwards is marked by a star.
        samples: (n, *shape) in [-1, 1], of 8 bits.
        labels: (n,) classes that they were drawn for.
        logits: Samples and classes to the critic's logits, minus what the critic's verdict turns at.
    """

    name: str
    samples: Tensor
    labels: Tensor
    logits: Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Pair:
    """Two models' verdicts on each other."""

    first: str
    second: str
    by_accuracies: Reading
    by_errors: Reading


@dataclass(frozen=True)
class Standings:
    """What came of it.

    Attributes:
        names: Of the entrants.
        taken: (entrants + 1, entrants): the share of a row's samples that a column's critic took for real; the last
            row is held-out data.
        pairs: All pairs.
        ratings: Of generators (and held-out data) and critics; nobody's critic counts for its own generator.
    """

    names: Sequence[str]
    taken: Tensor
    pairs: Sequence[Pair]
    ratings: Ratings


def check_classes(models: Sequence[tuple[str, GenerativeModel]], source: Source, critics: Critics) -> None:
    """Refuse critics that are told the class of what they judge, beside models that draw none on demand.

    Raises:
        UsageError: Naming one of each.
    """
    drawn = [name for name, model in models if not model.classes]
    if critics == "trained" or not drawn:
        return
    for name, model in models:
        if isinstance(model, Scores) and _told(name, model, source):
            raise UsageError(
                f"the critic of {name} is told a class, and {drawn[0]} draws none on demand: let critics be "
                "trained that are told none (--critics trained), or leave one of them out."
            )


def _told(name: str, model: GenerativeModel, source: Source) -> bool:
    """Whether the critic's logits of some items change with the class that it is told."""
    if not model.classes:
        return False
    assert isinstance(model, Scores)
    x = gathered(source.reference, picked(source.reference, 16, 0))[0].to(model.device)
    with model.evaluating("tournament", name):
        classes = (torch.full((len(x),), y, device=model.device) for y in range(model.classes))
        first, *others = (model.score(x, y) for y in classes)
        return any(not torch.equal(first, other) for other in others)


def enter(name: str, model: GenerativeModel, source: Source, n: int, critics: Critics, cut: Cut, seed: int) -> Entrant:
    """Draw a model's samples, and prepare its critic on other samples and training items.

    A model without a critic, or everybody with `critics` "trained", gets one that is trained afterwards. A critic's
    verdict turns where it tells its own model's samples best from training items, since the logits of many losses
    (least squares, Wasserstein, relativistic) mean nothing by themselves; `cut` "zero" takes them as published.
    """
    labels = apportioned(classes_of(source.reference), n)  # as frequent as in the data beside which they are judged
    with model.evaluating("tournament", seed):
        samples, practice = _drawn(model, labels), _drawn(model, labels)
    real, real_labels = gathered(source.reference, picked(source.reference, n, seed))
    score = model.score if isinstance(model, Scores) and critics == "own" else None
    if score is None:
        critic, name = trained_critic(real, practice, model.device, seed), f"{name}*"

    def logits(x: Tensor, y: Tensor) -> Tensor:
        with torch.no_grad():
            parts = zip(x.to(model.device).split(BATCH), y.to(model.device).split(BATCH), strict=True)
            return torch.cat([critic(a) if score is None else score(a, b) for a, b in parts]).float().cpu()

    turn = best_cut(logits(real, real_labels), logits(practice, labels)) if cut == "best" else 0.0
    return Entrant(name, samples, labels, lambda x, y: logits(x, y) - turn)


def play(entrants: Sequence[Entrant], source: Source, tolerance: float, seed: int) -> Standings:
    """Let everybody judge everybody, and held-out data.

    Args:
        entrants: Two or more, with as many samples.
        source: The data.
        tolerance: How far the test ratio may be from 1 for a verdict: 0.2 admits 0.83 to 1.2.
        seed: Picks the held-out items.
    """
    n = len(entrants[0].labels)
    held_out = gathered(source.test, picked(source.test, n, seed))
    sides = [*((entrant.samples, entrant.labels) for entrant in entrants), held_out]
    taken = torch.tensor([[float(each.logits(*side).gt(0).double().mean()) for each in entrants] for side in sides])
    size = min(n, len(held_out[1]))
    pairs = [_pair(entrants, taken, i, j, size, tolerance) for i, j in combinations(range(len(entrants)), 2)]
    met = ~torch.eye(len(sides), len(entrants), dtype=torch.bool)
    return Standings([each.name for each in entrants], taken, pairs, rate(taken, met, size))


def best_cut(real: Tensor, fake: Tensor) -> float:
    """The value between logits (N,) and (M,) with the most balanced accuracy: above it things look real."""
    logits, order = torch.cat([real, fake]).sort()
    truth = torch.cat([torch.full((len(real),), 1 / len(real)), torch.full((len(fake),), -1 / len(fake))])[order]
    gained = -truth.cumsum(0)  # of cutting above each
    after = int(gained.argmax())
    return float(logits[after : after + 2].mean()) if gained[after] > 0 else float(logits[0])


def _pair(entrants: Sequence[Entrant], taken: Tensor, i: int, j: int, n: int, tolerance: float) -> Pair:
    first = CriticRates(float(taken[j, i]), float(taken[-1, i]))
    second = CriticRates(float(taken[i, j]), float(taken[-1, j]))
    readings = (read(first, second, n, tolerance) for read in (accuracy_reading, error_reading))
    return Pair(entrants[i].name, entrants[j].name, *readings)


def _drawn(model: GenerativeModel, labels: Tensor) -> Tensor:
    """As saved pictures hold them, on the CPU."""
    shown = awaited(labels.split(BATCH), "drawing samples", -(-len(labels) // BATCH))
    parts = [model.sample(len(y), y if model.classes else None).float().cpu() for y in shown]
    return to_unit_range(to_uint8(torch.cat(parts)))
