"""Perfect denoiser of a training set, which draws nothing but its items."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gen_models.data.mixture import Mixture
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.experiments.theory.posterior import perfect_path, posterior_mean
from gen_models.experiments.theory.watch import Watch
from gen_models.families.edm import EDM
from gen_models.media.plots import label, panels, rasterised

MOST = 16
SAMPLES = 3000
SHOWN = 40
LEVELS = 24
CLOSE = 1e-6


class PerfectDenoiser(Watch[EDM]):
    """Plot of EDM's solver with the optimal denoiser of a few points, and of how near a trained one comes to that.

    Every solution of the optimal one ends on a training point, on each as often as on any other: the minimum of the
    loss is memory. What a network draws beside them is what it has not learned. Arguments: see `Watch`.
    """

    def check(self, model: Any, source: Any) -> None:
        """Refuse another family, and more data than a few points in the plane."""
        if not isinstance(model, EDM) or source.spec["shape"] != [2] or len(source.train) > MOST:
            raise UsageError("this experiment memorises a few points: use model=edm data=toy2d data.limit=3.")

    def look(self, model: EDM, source: Source) -> dict[str, Any]:
        """Note how far the network is from the optimal denoiser at every level, and its samples from the points."""
        points, levels = points_of(source), torch.logspace(-2, 1, LEVELS)
        samples = model.sample(SAMPLES).double()
        return {
            "levels": levels,
            "gaps": torch.stack([gap(model, points, float(sigma)) for sigma in levels]),
            "distances": distances(samples, points).min(1).values,
        }

    def draw(self, model: EDM, source: Source) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw solutions by the optimal denoiser, and the network's distance from it."""
        points, z = points_of(source), torch.randn(SAMPLES, 2, generator=torch.Generator().manual_seed(0)).double()
        path = torch.stack(perfect_path(points, z, model.steps, model.sigma_min, model.sigma_max))
        nearest = distances(path[-1], points).min(1)
        shares = torch.bincount(nearest.indices, minlength=len(points.centres)) / SAMPLES
        figures = {"optimal, samples on a point": float((nearest.values < CLOSE).double().mean())}
        figures |= {f"optimal, share of point {number}": share for number, share in enumerate(shares.tolist(), 1)}
        for name, seen in (("untrained", self.looks[0]), ("trained", self.looks[-1])):
            figures[f"{name}, median distance to a point"] = float(seen["distances"].median())
        figure, (left, right) = panels(2, self.title)
        _draw_paths(left, path[:, :SHOWN], nearest.indices[:SHOWN], points)
        self._draw_gaps(right)
        return [rasterised(figure)], figures

    def _draw_gaps(self, axes: Any) -> None:
        for name, seen in (("untrained", self.looks[0]), (f"after {self.looks[-1]['turn']} turns", self.looks[-1])):
            axes.plot(seen["levels"], seen["gaps"], label=name)
        axes.set(xscale="log", yscale="log")
        label(axes, "noise level σ", "distance of D from D*, root mean square")


def points_of(source: Source) -> Mixture:
    """The training points, each with the same probability."""
    x, _ = source.train.gather(range(len(source.train)))
    return Mixture(x.double().numpy(), np.full(len(x), 1 / len(x)), 0.0)


def distances(x: Tensor, points: Mixture) -> Tensor:
    """Distances (B, K) of x (B, D) float64 from the points."""
    return torch.cdist(x.cpu(), torch.as_tensor(points.centres), compute_mode="donot_use_mm_for_euclid_dist")


def gap(model: EDM, points: Mixture, sigma: float) -> Tensor:
    """Root mean square distance of the model's denoiser from the optimal one, at noisy points of a level."""
    y = torch.as_tensor(points.centres, dtype=torch.float32, device=model.device).repeat(
        SAMPLES // len(points.centres), 1
    )
    x, level = y + sigma * torch.randn_like(y), y.new_full((len(y),), sigma)
    difference = model.denoised(model.denoiser, x, level, None) - posterior_mean(points, x, level)
    return difference.square().mean().sqrt().cpu()


def _draw_paths(axes: Any, path: Tensor, ends: Tensor, points: Mixture) -> None:
    """Solutions (T, N, 2), in the colour of the point that they end on."""
    for number, way in zip(ends.tolist(), path.unbind(1), strict=True):
        axes.plot(*way.T, f"C{number}-", lw=0.7, alpha=0.7)
    axes.plot(*points.centres.T, "k*", ms=10, label="training points")
    axes.set(xlim=(-2, 2), ylim=(-2, 2))
    label(axes, "x₁", "x₂: solutions with the optimal denoiser")
