"""Noise chain of DDPM: its signal-to-noise ratio, its posterior, and the best prediction of the noise."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gen_models.data.toys import Toy
from gen_models.diffusion.betas import CosineBetas, LinearBetas
from gen_models.diffusion.chain import NoiseChain
from gen_models.errors import UsageError
from gen_models.experiments.theory.gaussian_flow import check_gaussian
from gen_models.experiments.theory.watch import Watch
from gen_models.families.ddpm import DDPM
from gen_models.media.plots import label, panels, rasterised

TIMES = 20
ITEMS = 10_000


class DiffusionChain(Watch[DDPM]):
    """Plot of two chains' signal-to-noise ratios, and of DDPM's loss over t above its floor. Arguments: see `Watch`."""

    def check(self, model: Any, source: Any) -> None:
        """Refuse another family, another prediction, and other data."""
        if not isinstance(model, DDPM) or model.predicts != "noise":
            raise UsageError("this floor is of the loss of DDPM's noise: use model=ddpm model.predicts=noise.")
        check_gaussian(source)

    def look(self, model: DDPM, source: Toy) -> dict[str, Any]:
        """Note the loss on held-out data at some of the steps, with the same noise at each look."""
        x = source.test.gather(range(min(ITEMS, len(source.test))))[0].to(model.device)
        steps = torch.linspace(1, model.chain.steps, TIMES).round().long()
        return {"steps": steps, "losses": torch.stack([loss_at(model, x, int(t)) for t in steps])}

    def draw(self, model: DDPM, source: Toy) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw the ratios and the losses."""
        last = self.looks[-1]
        floor = noise_floor(model.chain.alpha_bars[last["steps"]], source.mixture.std)
        figures = {
            "share of the data's variance at T": float(model.chain.alpha_bars[-1]),
            "largest error of the identities": largest_error(model.chain),
            "trained": float(last["losses"].mean()),
            "closed form": float(floor.mean()),
        }
        figure, (left, right) = panels(2, self.title)
        _draw_ratios(left, model.chain.steps)
        right.plot(last["steps"], last["losses"], label=f"after {last['turn']} turns")
        right.plot(last["steps"], floor, "k--", label="ᾱ s² / (ᾱ s² + 1 - ᾱ)")
        label(right, "t", "E |ε - ε(x_t, t)|², per dimension")
        return [rasterised(figure)], figures


def noise_floor(alpha_bars: Tensor, std: float) -> Tensor:
    """Least squared error of the noise where a share ᾱ of the variance of N(0, s²) data is left: no x_t tells more."""
    signal = alpha_bars * std**2
    return signal / (signal + 1 - alpha_bars)


def loss_at(model: DDPM, x: Tensor, t: int) -> Tensor:
    """The squared error of the noise at step t, for data (B, D), per dimension."""
    noise, step = torch.randn_like(x), model.chain.at(t).beside(x)
    found = model.reverse(model.denoiser, step.signal * x + step.noise * noise, step, None)
    return (found.prediction - noise).square().mean().cpu()


def largest_error(chain: NoiseChain) -> float:
    """Largest error, over all steps and three identities, of the posterior q(x_s | x_t, x_0) in float64.

    Its mean is that of x_s where x_t has its mean, it is (x_t - β ε / √(1 - ᾱ)) / √α in terms of the noise ε (equation
    11 of Ho et al. 2020, https://arxiv.org/abs/2006.11239), and precisions add: 1/β̃ = α/β + 1/(1 - ᾱ_s).
    """
    step = chain.at(torch.arange(2, chain.steps + 1))
    alpha = 1 - step.beta
    unbiased = step.of_data + step.of_state * step.signal - step.before.sqrt()
    # x_t = signal x_0 + noise ε: the factors of x_0 and of ε in both forms of the mean
    by_noise = step.of_state * step.noise - (step.noise - step.beta / step.noise) / alpha.sqrt()
    precise = step.least * (alpha / step.beta + 1 / (1 - step.before)) - 1
    return float(torch.stack([unbiased, by_noise, precise]).abs().max())


def _draw_ratios(axes: Any, steps: int) -> None:
    for betas, name in ((LinearBetas(), "linear"), (CosineBetas(), "cosine")):
        share = betas.alpha_bars(steps)[1:]
        axes.plot(range(1, steps + 1), share / (1 - share), label=f"{name}: ᾱ_T = {float(share[-1]):.4e}")
    axes.axhline(1, ls=":", c="C7")
    axes.set_yscale("log")
    label(axes, "t", "signal-to-noise ratio ᾱ_t / (1 - ᾱ_t)")
