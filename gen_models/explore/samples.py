"""Questions about samples: a grid, how they came about, real ones, and the training items that they are nearest to."""

from time import monotonic

import torch
from pydantic import Field
from torch import Tensor

from gen_models.analysis.effort import evaluations_of
from gen_models.analysis.filming import states
from gen_models.analysis.sampling import blocks
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import gathered, picked
from gen_models.explore.question import PageQuestion, SampleQuestion
from gen_models.explore.session import Variant
from gen_models.explore.shown import Shown, address, cells, line
from gen_models.media.films import thinned
from gen_models.media.pictures import columns_for, grid
from gen_models.metrics.memorisation import nearest

NOTABLE = 0.01
"""Seconds below which a drawing took no time, as one that was kept."""


class Samples(SampleQuestion):
    """What does `gen-models sample` draw?"""

    def answer(self, run: Variant) -> Shown:
        """Draw a grid."""
        columns = columns_for(run.model.classes if self.class_ is None else 0)
        begun = monotonic()
        drawn = _drawn(run, self)
        seconds = monotonic() - begun
        picture = grid(drawn, columns)
        options = self.words(n=self.n, class_=self.class_, seed=self.seed)
        return Shown(
            pictures=[address(picture)],
            cells=cells(drawn, picture, columns),
            command=line("sample", run.opened, **options),
            words=_effort(run.model, seconds),
        )


class DrawingSteps(SampleQuestion):
    """What does `gen-models film` film, in so many steps at most?"""

    steps: int = Field(32, ge=1, le=200)

    def answer(self, run: Variant) -> Shown:
        """Draw the frames of the film."""
        trajectory = states(run.model, self.n, self.classes, self.seed)
        shown, total = thinned(trajectory, self.steps), len(trajectory)
        frames = [grid(step, columns := -(-self.n // 4)) for step in shown]
        options = self.words(n=self.n, class_=self.class_, steps=self.steps, seed=self.seed)
        return Shown(
            pictures=[address(frame) for frame in frames],
            cells=cells(shown[-1], frames[-1], columns),
            command=line("film", run.opened, **options),
            labels=[f"step {(i + 1) * total // len(shown)} of {total}" for i in range(len(shown))],
            words=_effort(run.model),
        )


class Real(PageQuestion):
    """Which training items does `gen-models real` pick?"""

    def answer(self, run: Variant) -> Shown:
        """Show training items as samples are shown."""
        items = run.opened.source.reference
        x, _ = gathered(items, picked(items, self.n, self.seed))
        picture = grid(x, columns := columns_for(run.model.classes if self.class_ is None else 0))
        return Shown(
            pictures=[address(picture)],
            cells=cells(x, picture, columns),
            command=line("real", run.opened, n=self.n, columns=columns, seed=self.seed),
            words=f"{len(x)} of {len(items):,} training items",
        )


class Nearest(SampleQuestion):
    """Which training items is each sample of a grid nearest to, in pixels?"""

    count: int = Field(3, ge=1, le=10)

    def answer(self, run: Variant) -> Shown:
        """Show a picture for each sample."""
        drawn, training = _drawn(run, self), run.opened.searched
        distances, found = nearest(drawn.flatten(1), training.flatten(1), min(self.count, len(training)))
        return Shown(
            pictures=[address(grid(training[positions])) for positions in found],
            labels=[f"{distance:.2f} away" for distance in distances[:, 0].tolist()],
            words=f"nearest of the first {len(training):,} training items, in pixels",
        )


def _effort(model: GenerativeModel, seconds: float = 0.0) -> str:
    """What samples took: evaluations of a network that is asked again and again, and seconds."""
    count = evaluations_of(model)
    times = (
        f"{count} evaluations of the network for each sample" if count else "as many evaluations as the solver wants"
    )
    parts = ([] if count == 1 else [times]) + ([f"drawn in {seconds:.2f} s"] if seconds > NOTABLE else [])
    return "; ".join(parts)


def _drawn(run: Variant, asked: SampleQuestion) -> Tensor:
    """Samples (n, *shape) as the command draws them, kept for the next question about the same ones."""
    key = asked.model_dump_json(include={"seed", "n", "class_", "truncation", "settings"})
    if key not in run.drawn:
        run.drawn = {key: torch.cat(list(blocks(run.model, asked.n, asked.seed, asked.classes)))}
    return run.drawn[key]
