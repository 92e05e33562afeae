"""Style mixing: the coarse of one sample with the fine of another (Karras et al. 2019, figure 3, https://arxiv.org/abs/1812.04948)."""

import torch
from torch import Tensor

from gen_models.core.abilities import HasStyles
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError


@torch.no_grad()
def style_table(model: GenerativeModel, rows: int, columns: int, layer: int | None = None) -> Tensor:
    """Cross the styles of samples: a row has one coarse style, a column one fine style.

    Args:
        model: Has styles.
        rows: Samples whose coarse style is taken; they stand in the first column.
        columns: Samples whose fine style is taken; they stand in the first row.
        layer: The first layer of the fine style; the middle one by default.

    Returns:
        ((rows + 1) · (columns + 1), *shape) in [-1, 1], row by row; the corner is grey.

    Raises:
        UsageError: The model has no styles, or not so many layers.
    """
    if not isinstance(model, HasStyles):
        raise UsageError("this model has no styles to mix: choose a run of model=stylegan2.")
    layer = model.style_layers // 2 if layer is None else layer
    if not 0 <= layer <= model.style_layers:
        raise UsageError(f"there is no layer {layer}: this model has {model.style_layers}, so --layer is at most that.")
    coarse, fine = model.draw_codes(rows + columns).split([rows, columns])
    heads, sides = (model.mix(w, w, layer) for w in (fine, coarse))
    crossed = model.mix(coarse.repeat_interleave(columns, 0), fine.repeat(rows, 1), layer).unflatten(0, (rows, columns))
    top = torch.cat([torch.zeros_like(heads[:1]), heads])
    return torch.cat([top, torch.cat([sides[:, None], crossed], dim=1).flatten(0, 1)])
