"""Statistics that the stability watch takes of a model and its data: spread of samples, singular values."""

from math import inf, isfinite, nan
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import _SpectralNorm
from torch.nn.utils.parametrize import ParametrizationList

from gen_models.data.interface import Items
from gen_models.media.pixels import to_unit_range
from gen_models.randomness import generator


class Spread(NamedTuple):
    """How samples differ from each other.

    Attributes:
        variation: The standard deviation over the batch, as a mean over the pixels: small where all are alike.
        distance: From a sample to the nearest other one, at the median: small where a few are drawn again and again.
    """

    variation: float
    distance: float

    def shares(self, data: "Spread") -> dict[str, float]:
        """Give each as a share of that of data, by name; what data lack, or one sample, has none."""
        pairs = zip(self._fields, self, data, strict=True)
        return {name: own / theirs for name, own, theirs in pairs if theirs and isfinite(own)}


def spread(x: Tensor) -> Spread:
    """Measure how much a batch (B, *shape) differs; one wait for the device. A single one differs from nothing."""
    if len(x) == 1:
        return Spread(nan, inf)
    rows = x.float().flatten(1)
    distances = torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist")
    nearest = distances.fill_diagonal_(torch.inf).amin(1).median()
    return Spread(*torch.stack([rows.std(0).mean(), nearest]).tolist())


def draw(items: Items, n: int) -> Tensor:
    """Give n items, or all where there are fewer, in [-1, 1]: always the same ones."""
    order = torch.randperm(len(items), generator=generator("stability"))[:n]
    return to_unit_range(items.gather(order.tolist())[0])


@torch.no_grad()
def singular_values(model: nn.Module) -> dict[str, float]:
    """Give the largest singular value of each spectrally normalised weight in training, before the division.

    It is uᵀWv with the vectors of the layer's own power iteration: no iteration is added.
    """
    values: dict[str, Tensor] = {}
    for name, weight in model.named_modules():
        if isinstance(weight, ParametrizationList) and isinstance(norm := weight[0], _SpectralNorm):
            original = weight.get_parameter("original")
            if original.requires_grad:  # an averaged copy's does not
                matrix = norm._reshape_weight_to_matrix(original)
                values[name.replace(".parametrizations", "")] = torch.vdot(norm._u, matrix @ norm._v)
    return dict(zip(values, torch.stack(list(values.values())).tolist(), strict=True)) if values else {}
