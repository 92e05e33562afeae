"""Style mixing: samples whose coarse scales are one draw's and whose fine scales are another's.

Karras et al. 2019, A style-based generator architecture for generative adversarial networks, figure 3,
https://arxiv.org/abs/1812.04948.
"""

import torch
from torch import Tensor

from gen_models.analysis.steer import Steering
from gen_models.core.abilities.codes import HasStyles
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError


def scales_of(model: GenerativeModel) -> int:
    """How many scales of samples can have a code of their own; 0 where all share one."""
    return model.style_scales if isinstance(model, HasStyles) else 0


def mixtures(
    steering: Steering, rows: int, columns: int, first: int, last: int, seed: int = 0, y: Tensor | None = None
) -> Tensor:
    """Mix draws: each row's own, with some scales taken from each column's.

    Args:
        steering: Of a model that has styles.
        rows: Draws that are changed: the first samples of the seed.
        columns: Draws that scales are taken from: the next ones.
        first: The coarsest scale that is taken, from 1.
        last: The finest one.
        seed: Of the samples.
        y: Classes (rows + columns,); None takes every class in turn, where the model has any.

    Returns:
        ((rows + 1) (columns + 1), *shape) in [-1, 1] on the CPU, row by row: a white one and the columns' own samples,
        then in each row its own sample and the mixtures.

    Raises:
        UsageError: All scales share a latent, or there are not so many.
    """
    model = steering.model
    if not (count := scales_of(model)):
        raise UsageError("all scales of this model share a latent: choose a run of model=stylegan2 or model=biggan.")
    if not 1 <= first <= last <= count:
        raise UsageError(f"this model has the scales 1 to {count}: take some of them, as in 1-{count // 2}.")
    z, classes = steering.codes(rows + columns, seed, y)
    changed, taken = z[:rows].repeat_interleave(columns, 0), z[rows:].repeat(rows, 1)
    own = steering.decoded(z, classes)
    made = steering.mixed(changed, taken, slice(first - 1, last), classes[:rows].repeat_interleave(columns))
    top = torch.cat([torch.ones_like(own[:1]), own[rows:]])
    below = torch.cat([own[:rows, None], made.unflatten(0, (rows, columns))], 1)
    return torch.cat([top, below.flatten(0, 1)])
