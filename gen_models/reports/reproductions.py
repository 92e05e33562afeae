"""Reproductions: published figures beside those of runs of the same recipes, kept as records with their protocol."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from gen_models.errors import UsageError
from gen_models.files import read_json, write_json
from gen_models.metrics.record import COSTS, OWN_ERROR, rounded
from gen_models.reports.board import interval, short
from gen_models.reports.finished import Finished
from gen_models.reports.recipes import Recipe, linked, row

RECIPE = re.compile(r"(?:^| )experiment=(\S+)")
PRECISION = re.compile(r"(?:^| )trainer\.precision=(bf16-\w+)")
ASIDE = (
    "experiment=",
    "seed=",
    "paths.",
    "trainer=",
    "logger",
    "callbacks",
    "~callbacks",
    "data.root=",
    "log_every=",
    "resume=",
)
"""Options that make no other recipe: where things lie, who watches, and on what it runs."""

PREFACE = f"""# Reproductions

Published figures beside those of runs of the same recipes here. The page is made from the records of these runs
([reproductions.json](reproductions.json), with every figure's protocol) by `gen-models reproductions RUN…`, which adds
those of further runs. A row without a figure was not run, because of its cost or of data that are not at hand.

± is half the 95 % interval over seeds (Student's t); (…)
{OWN_ERROR}.
*Changed* are options beside those of the recipe. Differences that the recipe itself has from its sources stand in its
first lines."""


@dataclass(frozen=True)
class Reproduction:
    """A figure of one run of a recipe.

    Attributes:
        recipe: Its file, as in `experiment=recipe`.
        changed: Further options that make a difference, such as a smaller budget.
        seed: Of the run.
        figure: The figure's label.
        value: What the run has of it.
        error: Its own spread, where it has one.
        protocol: How it was taken.
        turns: How long the run was trained.
        images: As many as it was shown.
        minutes: As long as that took, wherever it was.
        version: Of this project.
        way: What was not the model's own in the samples or weights that were judged, and a precision but 32 bit.
    """

    recipe: str
    changed: str
    seed: int
    figure: str
    value: float
    error: float | None
    protocol: Mapping[str, Any]
    turns: int
    images: float
    minutes: float
    version: str
    way: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str, str, str, int]:
        """What seeds are pooled by: recipe, changes, figure, its protocol, the way, and the turns."""
        return self.recipe, self.changed, self.figure, str(self.protocol), str(self.way), self.turns


def of_run(run: Finished) -> list[Reproduction]:
    """Give the figures that a run of a recipe has: its objective, or all of its worth where it has none.

    Raises:
        UsageError: It is no run of a recipe, or it has no such figure.
    """
    found = RECIPE.search(run.command)
    if found is None:
        raise UsageError(f"{run.path} repeats no recipe: name runs of experiment=….")
    objective = run.config.get("objective")
    kept = [record for record in run.records if objective is None or record.key == objective]
    valued = [(record, record.value) for record in kept if record.value is not None and record.metric not in COSTS]
    if not valued:
        raise UsageError(f"{run.path} has no figure {objective or ''}: take it by gen-models evaluate {run.path}.")
    words = [word for word in shlex.split(run.command)[2:] if not word.startswith(ASIDE)]
    seed, minutes = int(run.config.get("seed", 0)), round(run.seconds / 60, 1)
    return [
        Reproduction(
            *(found[1], shlex.join(words), seed, record.label, value, record.error, dict(record.protocol)),
            *(run.turn, run.images, minutes, run.version),
            dict(record.way),
        )
        for record, value in valued
    ]


def kept(file: Path) -> list[Reproduction]:
    """Read what a file keeps; nothing where there is none.

    Raises:
        UsageError: It is damaged, or keeps something else.
    """
    try:
        return [Reproduction(**_told(entry)) for entry in read_json(file)] if file.exists() else []
    except (TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{file} keeps no figures of recipes: restore it, or name another by --records.") from error


def _told(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry with its precision, which earlier versions left out, where that is among its changes."""
    found = PRECISION.search(entry["changed"])
    return {**entry, "way": {"precision": found[1], **entry.get("way", {})}} if found else dict(entry)


def keep(new: Sequence[Reproduction], file: Path) -> list[Reproduction]:
    """Add figures to those of a file, in place of such of the same recipe, changes, protocol and seed."""
    replaced = {(*each.key, each.seed) for each in new}
    old = [each for each in kept(file) if (*each.key, each.seed) not in replaced]
    whole = sorted([*old, *new], key=lambda each: (*each.key, each.seed))
    write_json(file, [asdict(each) for each in whole])
    return whole


def page(found: Sequence[Reproduction], recipes: Sequence[Recipe]) -> str:
    """Write docs/reproductions.md: recipes that were run first, then those that were not, and why.

    Args:
        found: What runs here have.
        recipes: All that repeat a published figure.
    """
    ran = {each.recipe for each in found}
    lines = [PREFACE, "", "## Run here", ""]
    lines += [
        row("experiment=", "published", "figure", "ours", "seeds", "turns", "minutes", "changed", "remark", "source")
    ]
    lines += ["|---" * 10 + "|"]
    lines += [line for recipe in recipes if recipe.name in ran for line in _ours(recipe, found)]
    lines += ["", "## Not run, because", "", row("experiment=", "published", "cost"), "|---|---|---|"]
    for recipe in recipes:
        if recipe.name not in ran:
            told = [recipe.notes[key].removesuffix(".") for key in ("Published", "Cost")]
            lines.append(row(f"`{recipe.name}`", *told))
    return "\n".join(lines) + "\n"


def _ours(recipe: Recipe, found: Sequence[Reproduction]) -> Iterator[str]:
    own = sorted((each for each in found if each.recipe == recipe.name), key=lambda each: each.key)
    for _, group in groupby(own, key=lambda each: each.key):
        seeds = list(group)
        first, values = seeds[0], [each.value for each in seeds]
        mean = rounded(sum(values) / len(values), 4)
        spread = f" ± {rounded(interval(values), 2)}" if len(values) > 1 else ""
        alone = f" ({rounded(first.error, 2)})" if len(values) == 1 and first.error is not None else ""
        said = {name: value for name, value in first.way.items() if f"trainer.{name}={value}" not in first.changed}
        figure = ", ".join([first.figure, *(f"{name}={value}" for name, value in said.items())])
        minutes = short(sum(each.minutes for each in seeds) / len(seeds))
        yield row(
            *(f"`{recipe.name}`", recipe.notes["Published"].removesuffix("."), figure, mean + spread + alone),
            *(str(len(seeds)), f"{first.turns:,}", minutes, f"`{first.changed}`" if first.changed else "–"),
            *(recipe.notes["Run here"].removesuffix("."), linked(recipe.source)),
        )
