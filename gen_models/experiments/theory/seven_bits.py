"""Likelihood of undequantised data, and the offset that is popularly added to it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gen_models.data.toys import Toy
from gen_models.errors import UsageError
from gen_models.experiments.theory.watch import Watch
from gen_models.families.probability_flow import ProbabilityFlow
from gen_models.media.plots import label, panels, rasterised

ITEMS = 2000
PUBLISHED = 0.0010005 * 128
"""Noise at the time 1e-5 of Song et al. (2021), https://arxiv.org/abs/2011.13456, in bins of 2/256."""


class SevenBits(Watch[ProbabilityFlow]):
    """Plot of the bits of a pixel, by the density of its noisy levels and log₂ of a bin: fewer than its entropy.

    K equally likely levels have log₂ K bits. A model of the levels with a trace of noise σ has the density that many
    codes add log₂ 128 = 7 bits to, as if the levels had been spread over their bins: with 256 levels and σ = 0.001 the
    sum is 0.92 bits too small, and with less noise it falls without end. What has to be added is the noise's entropy,
    as a variational bound does: -log₂(σ √(2πe)). Arguments: see `Watch`.
    """

    def check(self, model: Any, source: Any) -> None:
        """Refuse another family, and data without equal, equally likely levels."""
        if not isinstance(model, ProbabilityFlow) or not isinstance(source, Toy) or source.kind != "comb":
            raise UsageError("bits are counted by an equation, of levels: use model=edm data=toy1d data.kind=comb.")

    def look(self, model: ProbabilityFlow, source: Toy) -> dict[str, Any]:
        """Note the mean bits of the density of held-out points."""
        x = source.test.gather(range(min(ITEMS, len(source.test))))[0].to(model.device)
        return {"bits": float(-model.log_prob(x).mean()) / math.log(2)}

    def draw(self, model: ProbabilityFlow, source: Toy) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw the popular number and the bound by noise, and the trained model's."""
        bin_, std, entropy = spacing(source), source.mixture.std, math.log2(len(source.mixture.centres))
        bits = self.looks[-1]["bits"]
        figures = {
            "entropy of the levels": entropy,
            "trained, with the bin's bits": bits - math.log2(bin_),
            "closed form, with the bin's bits": popular(std / bin_, entropy),
            "trained, with the noise's bits": bits - noise_entropy(std),
            "bits too few, 256 levels and σ = 0.001": -popular(PUBLISHED, 0.0),
        }
        figure, (axes,) = panels(1, self.title)
        ratio = torch.logspace(-3, -0.7, 60)
        axes.axhline(entropy, c="C2", label=f"entropy of the {len(source.mixture.centres)} levels")
        axes.plot(
            ratio, [popular(float(r), entropy) for r in ratio], "k--", label="bits of the density - log₂ of a bin"
        )
        axes.plot(std / bin_, figures["trained, with the bin's bits"], "C3o", label="trained, the same")
        axes.plot(
            std / bin_, figures["trained, with the noise's bits"], "C0o", label="trained, with the noise's entropy"
        )
        axes.set_xscale("log")
        label(axes, "noise σ, in bins", "bits per dimension")
        return [rasterised(figure)], figures


def spacing(source: Toy) -> float:
    """Distance of neighbouring levels: the width of a bin."""
    centres = source.mixture.centres[:, 0]
    return float(centres[1] - centres[0])


def noise_entropy(std: float) -> float:
    """Differential entropy in bits of N(0, σ²): log₂(σ √(2πe))."""
    return 0.5 * math.log2(2 * math.pi * math.e * std**2)


def popular(ratio: float, entropy: float) -> float:
    """Bits by the density of levels with noise of `ratio` bins, less log₂ of a bin, while levels are told apart."""
    return entropy + noise_entropy(ratio)
