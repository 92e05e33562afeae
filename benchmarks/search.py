"""Which learning rates a family of `make board` is given: those by which short trainings come nearest to data.

`python -m benchmarks.search PLACE 0.3,1,3 --length turns=500 model=vae data=digits` trains for a fifth of that length
at each of these multiples of the configured rates, all players' alike, and prints the options of the best: nothing
where these are the configured ones. It goes by KID on features of EfficientNet-Lite0, of items held out for such
choices, which a board does not look at. The trainings stay in PLACE, and are not done again.
"""

import argparse
import math
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from omegaconf import DictConfig

from gen_models import compose
from gen_models.run.outcome import Finish

SHARE = 5
"""Lengths of a training over those of a trial."""

GOES_BY = ("metrics=lite0", "objective=kid_efficientnet_lite0")


def rates(optimizers: DictConfig, way: str = "model.optimizers") -> Iterator[tuple[str, float]]:
    """Find the learning rates among the options of optimizers: each by its option, with its number."""
    for name, value in optimizers.items():
        if isinstance(value, DictConfig):
            yield from rates(value, f"{way}.{name}")
        elif name == "lr":
            yield f"{way}.lr", value


def shortened(length: str) -> str:
    """Give an option that says how long a training or a stage is, with the numbers of a trial; each is at least 1."""
    name, _, numbers = length.partition("=")
    return f"{name}={re.sub('[1-9][0-9]*', lambda found: str(max(1, int(found[0]) // SHARE)), numbers)}"


def multiplied(options: Sequence[str], factor: float) -> list[str]:
    """Give the options that multiply all learning rates of a training by a factor; none for 1."""
    found = rates(compose(options).model.optimizers)
    return [] if factor == 1 else [f"{option}={value * factor:.3g}" for option, value in found]


def figure(run: Path) -> float:
    """Read what a training came to; infinity where it has no figure."""
    finish = Finish.read(run)
    value = None if finish is None else finish.objective
    return math.inf if value is None or math.isnan(value) else value


def trained(run: Path, options: Sequence[str]) -> float:
    """Train, unless it was done before, and give the figure; infinity where the training failed."""
    if Finish.read(run) is None:
        subprocess.run([sys.executable, "train.py", *options, *GOES_BY, f"run={run}"], stdout=sys.stderr)
    return figure(run)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("place", type=Path)
    parser.add_argument("factors", type=lambda text: [float(factor) for factor in text.split(",")])
    parser.add_argument("options", nargs="+")
    parser.add_argument("--length", action="append", default=[], help="an option of the whole training; several")
    asked = parser.parse_args()
    found: dict[float, float] = {}
    tried = {factor: multiplied(asked.options, factor) for factor in asked.factors}
    for factor, changed in tried.items():
        options = [*asked.options, *map(shortened, asked.length), *changed]
        found[factor] = trained(asked.place / f"{factor:g}", options)
        print(f"rates times {factor:g}: KID {found[factor]:.2f}", file=sys.stderr)
    best = min(found, key=found.__getitem__)
    if found[best] == math.inf:
        sys.exit(f"no training of {asked.place} has a figure: see why in what they said.")
    for option in tried[best]:
        print(option)


if __name__ == "__main__":
    main()
