"""Sanity checks of metrics: real items, spoilt in known ways, judged in place of a model's samples.

After Xu et al. (2018), An empirical study on evaluation metrics of generative adversarial networks,
https://arxiv.org/abs/1806.07755.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle, islice

import torch
from torch import Tensor
from torch.nn.functional import conv2d, pad

from gen_models.analysis.evaluate import figures_of
from gen_models.analysis.subject import Subject
from gen_models.errors import UsageError
from gen_models.metrics.record import Record
from gen_models.metrics.stand_ins import NEAREST, REAL
from gen_models.randomness import isolated

SEARCHED = 10_000
"""Training items among which the nearest ones are looked for."""

Spoil = Callable[[Tensor], Tensor]
"""Items (n, *shape) in [-1, 1] -> as many, spoilt, by torch's generator."""


def blurred(x: Tensor) -> Tensor:
    """Blur pictures (n, C, H, W) by a Gaussian of a sixteenth of their width."""
    width = x.shape[-1] / 16
    reach = round(3 * width)
    line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / width) ** 2)
    line = line / line.sum()
    planes = pad(x.flatten(0, 1)[:, None], (reach,) * 4, mode="replicate")
    return conv2d(conv2d(planes, line[None, None, None]), line[None, None, :, None]).view_as(x)


def noised(x: Tensor) -> Tensor:
    """Add Gaussian noise of a standard deviation of 0.2, a tenth of the range."""
    return (x + 0.2 * torch.randn_like(x)).clamp(-1, 1)


def shuffled(x: Tensor) -> Tensor:
    """Shuffle the pixels of each picture (n, C, H, W): its colours stay, and nothing of what it shows."""
    order = torch.rand(len(x), 1, x[0, 0].numel()).argsort(-1)
    return x.flatten(2).gather(2, order.expand(-1, x.shape[1], -1)).view_as(x)


def repeated(x: Tensor) -> Tensor:
    """Keep one item of twenty, twenty times: as good as real ones, and as little varied as after a collapse."""
    return x[torch.arange(len(x)) % max(1, len(x) // 20)]


SPOILT: Mapping[str, Spoil] = {
    "blurred": blurred,
    "noised": noised,
    "pixels shuffled": shuffled,
    "few, repeated": repeated,
}
OF_PICTURES = ("blurred", "pixels shuffled")


def standing_in(subject: Subject) -> Subject:
    """The subject of a sanity check: training items that stand in for samples are none that these may be copies of."""
    trained = subject.scorer.reference != "train"
    aside = min(subject.n, len(subject.source.reference) // 2) if trained else 0
    return replace(subject, untrained=None, set_aside=aside)


def stand_ins(subject: Subject) -> dict[str, Tensor]:
    """Real items (n, *shape) and what becomes of them, by name; none but the copies is among those that samples meet.

    Args:
        subject: As `standing_in` gives it.

    Raises:
        UsageError: The data hold too few real items for that.
    """
    held_out = subject.scorer.reference == "train"
    x = subject.real(subject.n, held_out=held_out)[0]
    if len(x) < min(subject.n, 40):
        raise UsageError(f"a sanity check needs 40 real items beside those compared with, and the data has {len(x)}.")
    fitting = {name: spoil for name, spoil in SPOILT.items() if subject.images or name not in OF_PICTURES}
    made = {REAL: x}
    for name, spoil in fitting.items():
        with isolated("stand-in", name, subject.seed):
            made[name] = spoil(x)
    met, _ = subject.real(len(x))
    pool = subject.copied(SEARCHED)
    return {**made, NEAREST: pool[torch.cdist(met.flatten(1), pool.flatten(1)).argmin(1)]}


def judged(subject: Subject, sets: Mapping[str, Tensor], names: Sequence[str] = ()) -> dict[str, list[Record]]:
    """Take the figures of each stand-in (n, *shape), by its name, as those of a model's samples are taken.

    Args:
        subject: As `standing_in` gives it: of its model only the device is used, and how many classes it is told.
        sets: The stand-ins.
        names: Slower figures to take besides, such as "memorisation".

    Raises:
        UsageError: There is no such figure, or it can't be taken of samples alone.
    """
    return {name: figures_of(replace(subject, sampler=dealt(x)), names) for name, x in sets.items()}


def dealt(x: Tensor) -> Callable[..., Tensor]:
    """Draw items (n, *shape) one after another, from the first again behind the last."""
    rest: Iterator[Tensor] = cycle(x)

    def draw(n: int, y: Tensor | None = None) -> Tensor:
        return torch.stack(list(islice(rest, n)))

    return draw
