"""Questions about codes: draws that are steered by name or direction, walks, what each code does, arithmetic."""

from typing import Any

import torch
from pydantic import Field

from gen_models.analysis.arithmetic import Question, changed
from gen_models.analysis.mixing import mixtures
from gen_models.analysis.steer import Walk
from gen_models.analysis.traverse import MOST, choice, sheet, strongest, traversals
from gen_models.explore.question import PageQuestion, SampleQuestion
from gen_models.explore.session import Variant
from gen_models.explore.shown import Shown, address, cells, line
from gen_models.media.pictures import columns_for, grid


class Steer(SampleQuestion):
    """What does `gen-models steer` draw, with all codes changed alike; a walk where both of its ends are given."""

    moves: dict[str, float] = Field(default_factory=dict, max_length=64)
    between: tuple[int, int] | None = None
    steps: int = Field(8, ge=2, le=64)
    arcs: bool = False

    def answer(self, run: Variant) -> Shown:
        """Draw a grid, or a row."""
        walk = None if self.between is None else Walk(*self.between, self.steps, self.arcs)
        columns = columns_for(run.model.classes if self.class_ is None else 0) if walk is None else self.steps
        drawn = run.steering.drawn(self.n, self.seed, self.classes, self.moves, walk)
        picture = grid(drawn, columns)
        return Shown(
            pictures=[address(picture)],
            cells=cells(drawn, picture, columns),
            command=line("steer", run.opened, **self._options()),
        )

    def _options(self) -> dict[str, Any]:
        moves = [f"{name}={value!r}" for name, value in self.moves.items()]
        options = self.words(n=self.n, class_=self.class_, seed=self.seed, move=moves)
        if self.between is None:
            return options
        return options | {"between": "{},{}".format(*self.between), "steps": self.steps, "spherical": self.arcs}


class Directions(SampleQuestion):
    """What does `gen-models directions` draw: `n` draws moved along `count` directions, up to `reach` σ?"""

    n: int = Field(3, ge=1, le=16)
    steps: int = Field(7, ge=2, le=32)
    count: int = Field(6, ge=1, le=20)
    reach: float = Field(3.0, gt=0, le=10)

    def answer(self, run: Variant) -> Shown:
        """Draw rows for each direction."""
        drawn = run.steering.spread(self.n, self.steps, self.count, self.reach, self.seed)
        options = self.words(rows=self.n, steps=self.steps, count=self.count, reach=self.reach, seed=self.seed)
        return Shown(
            pictures=[address(grid(drawn.flatten(0, 2), self.steps))],
            command=line("directions", run.opened, **options),
            labels=[f"direction {i + 1}" for i in range(len(drawn))],
            words=f"From left to right: from -{self.reach:g} to {self.reach:g} standard deviations.",
        )


class Mix(SampleQuestion):
    """What does `gen-models mix` draw: `n` draws with the scales from `first` to `last` of `columns` others?"""

    n: int = Field(4, ge=1, le=16)
    columns: int = Field(6, ge=1, le=16)
    first: int = Field(1, ge=1, le=32)
    last: int = Field(1, ge=1, le=32)

    def answer(self, run: Variant) -> Shown:
        """Draw a row for each of them, below the others."""
        y = None if self.class_ is None else torch.full((self.n + self.columns,), self.class_)
        drawn = mixtures(run.steering, self.n, self.columns, self.first, self.last, self.seed, y)
        told = {"rows": self.n, "columns": self.columns, "scales": f"{self.first}-{self.last}"}
        return Shown(
            pictures=[address(grid(drawn, self.columns + 1))],
            command=line("mix", run.opened, **self.words(**told, class_=self.class_, seed=self.seed)),
            words="On the left and on top: samples. Between: those on the left with scales of those on top.",
        )


class Traverse(PageQuestion):
    """What does `gen-models traverse` draw of the codes whose names begin with `code`?"""

    n: int = Field(3, ge=1, le=16)
    steps: int = Field(10, ge=2, le=32)
    code: str | None = Field(None, max_length=100)
    most: int = Field(16, ge=1, le=MOST)

    def answer(self, run: Variant) -> Shown:
        """Draw rows for each code, of those that change pictures most."""
        with run.model.evaluating("traverse", self.seed):
            found = traversals(run.model, self.n, self.steps, self.code)
        walks = strongest(found, self.most)
        options = self.words(rows=self.n, steps=self.steps, code=self.code, most=self.most, seed=self.seed)
        return Shown(
            pictures=[address(sheet(walks))],
            command=line("traverse", run.opened, **options),
            labels=list(walks),
            words=choice(len(walks), len(found)),
        )


class Arithmetic(PageQuestion):
    """What does `gen-models arithmetic` draw, with one value of an attribute added and another subtracted?"""

    n: int = Field(6, ge=1, le=32)
    attribute: str = Field("class", max_length=100)
    plus: str = Field(max_length=100)
    minus: str = Field(max_length=100)

    def answer(self, run: Variant) -> Shown:
        """Draw a row for each item."""
        question = Question(self.attribute, self.plus, self.minus)
        with run.model.evaluating("arithmetic", self.seed):
            drawn = changed(run.model, run.opened.source, question, self.n)
        told = {"attribute": self.attribute, "plus": self.plus, "minus": self.minus}
        options = self.words(**told, rows=self.n, seed=self.seed)
        behind = ", after the item itself" if drawn.shape[1] > 5 else ""
        return Shown(
            pictures=[address(grid(drawn.flatten(0, 1), drawn.shape[1]))],
            command=line("arithmetic", run.opened, **options),
            words=f"Each row: 0, ½, 1, 1½ and 2 times the difference added{behind}.",
        )
