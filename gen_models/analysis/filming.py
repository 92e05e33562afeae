"""How samples come about: the states of their drawing."""

import torch
from torch import Tensor

from gen_models.core.abilities.sampling import draws_in_steps
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError


def states(model: GenerativeModel, n: int, y: Tensor | None, seed: int) -> Tensor:
    """Draw n samples of classes (n,) by a seed, and give all T states of the canvas (T, n, *shape) in [-1, 1].

    Raises:
        UsageError: There is but one.
    """
    with model.evaluating("film", seed):
        drawn = model.trajectory(n, y).cpu() if draws_in_steps(model) else torch.empty(0)
    if len(drawn) < 2:
        raise UsageError(
            "this model draws in one step: choose a run of a model that adds to what it has drawn (draw, gran), has "
            "grown (progan), draws pixels or tokens one after another (pixelcnn, maskgit, var), or goes from noise to "
            "data (flow_matching)."
        )
    return drawn
