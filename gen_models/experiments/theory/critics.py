"""Games on a line, whose critic can be held against the optimal one."""

from abc import ABC
from typing import Any

import torch
from torch import Tensor

from gen_models.errors import UsageError
from gen_models.experiments.theory.line import KnownDensity, cells, masses, masses_of_samples
from gen_models.experiments.theory.watch import Watch
from gen_models.families.game import Game

SAMPLES = 100_000


class CriticWatch(Watch[Game], ABC):
    """Watch of a game on one-dimensional data of known density. Arguments: see `Watch`."""

    def check(self, model: Any, source: Any) -> None:
        """Refuse what is no game, a loss that compares samples, and data without a density on the line."""
        if not isinstance(model, Game) or model.loss.compares:
            raise UsageError("theory watches a critic that judges each sample by itself: use model=gan loss=minimax.")
        if not isinstance(source, KnownDensity) or source.spec["shape"] != [1]:
            raise UsageError("theory needs data with a known density on a line: use data=toy1d.")


def generated_masses(game: Game) -> Tensor:
    """The generator's density as a table: exact where it is known, else of many samples."""
    generator = game.network("generator")
    return masses(generator) if isinstance(generator, KnownDensity) else masses_of_samples(game.sample(SAMPLES))


def logits_on_line(game: Game) -> Tensor:
    """The critic's logits in the cells, (CELLS,) float64."""
    x = cells()
    return game.score(x, torch.zeros(len(x), dtype=torch.long)).double()
