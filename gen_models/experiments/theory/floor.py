"""Floor of the loss of flow matching: what is left when the velocity is the best one."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gen_models.data.toys import Toy
from gen_models.errors import UsageError
from gen_models.experiments.theory.gaussian_flow import check_gaussian, flow_to
from gen_models.experiments.theory.watch import Watch
from gen_models.families.flow_matching import FlowMatching
from gen_models.media.plots import label, panels, rasterised

TIMES = 20
ITEMS = 10_000


class Floor(Watch[FlowMatching]):
    """Plot of the loss of flow matching over the turns and over t, each above its floor. Arguments: see `Watch`.

    Noise and data pair by chance, so that even the best velocity, their mean difference at x_t, leaves the variance of
    that difference: the loss falls to a number that is known, and never to 0.
    """

    def check(self, model: Any, source: Any) -> None:
        """Refuse another family, and other data."""
        if not isinstance(model, FlowMatching):
            raise UsageError("this floor is of the loss of flow matching: use model=flow_matching.")
        check_gaussian(source)

    def look(self, model: FlowMatching, source: Toy) -> dict[str, Any]:
        """Note the loss on held-out data at times spread over [0, 1], with the same noise at each look."""
        x = source.test.gather(range(min(ITEMS, len(source.test))))[0].to(model.device)
        return {"losses": torch.stack([loss_at(model, x, float(t)) for t in times()])}

    def draw(self, model: FlowMatching, source: Toy) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw both curves."""
        flow, last = flow_to(source), self.looks[-1]["losses"]
        figures = {"trained": float(last.mean()), "closed form": flow.mean_floor}
        figures["largest gap over t"] = float((last / flow.floor(times()) - 1).abs().max())
        figure, (left, right) = panels(2, self.title)
        left.plot([look["turn"] for look in self.looks], [look["losses"].mean() for look in self.looks], label="loss")
        left.axhline(flow.mean_floor, ls="--", c="k", label=f"s π/2 = {flow.mean_floor:.4f}")
        left.set_ylim(bottom=0)
        label(left, "turn", "loss on held-out data")
        right.plot(times(), last, label=f"after {self.looks[-1]['turn']} turns")
        right.plot(times(), flow.floor(times()), "k--", label="s² / V(t), V = t² s² + (1 - t)²")
        right.set_ylim(bottom=0)
        label(right, "t, from noise to data", "loss at t")
        return [rasterised(figure)], figures


def times() -> Tensor:
    """Midpoints (TIMES,) of equal parts of [0, 1]."""
    return (torch.arange(TIMES) + 0.5) / TIMES


def loss_at(model: FlowMatching, x: Tensor, t: float) -> Tensor:
    """The squared error of the velocity at time t, for data (B, D), per dimension."""
    noise, when = torch.randn_like(x), x.new_full((len(x),), t)
    v = model.denoiser(model.path.at(x, noise, when), when, None)
    return (v - model.path.velocity(x, noise, when)).square().mean().cpu()
