"""Table of what ranks tell each other in a turn of each recipe, and how long 8 and 64 GPUs would wait for it.

Calculated, for no such link was at hand: `python benchmarks/scaling.py >> docs/clusters.md`. What is exchanged is
counted between processes by `tests/reports/test_link.py`.
"""

import sys
from collections.abc import Iterator

from gen_models.api.composing import composed
from gen_models.reports.plan.estimate import Estimate
from gen_models.reports.plan.link import Link
from gen_models.reports.plan.planned import planned
from gen_models.reports.plan.rate import Rate

RECIPES = (
    *("dcgan/lsun", "wgan_gp/cifar10", "sngan/imagenet_128", "sagan/imagenet_128", "biggan/imagenet_128"),
    *("progan/celeba_hq", "stylegan2/cifar10", "glow/cifar10", "pixelcnn_pp/cifar10", "diagonal_bilstm/cifar10"),
    *("ddpm/cifar10", "edm/imagenet_64", "vqgan/imagenet_256", "token_prior/imagenet_128"),
)
RATES = (300.0, 25.0, 1.25)
"""GB/s of a link: NVLink of an A100, InfiniBand of 200 Gbit, Ethernet of 10 Gbit."""
GPUS = (8, 64)


def row(recipe: str) -> str:
    """Give a line of the table."""
    with composed([f"experiment={recipe}"]) as cfg:
        plan = planned(cfg)
        size = plan.images / plan.turns
    cells = [recipe, f"{size:,.0f}", f"{plan.summed / 1e6:,.1f}", f"{plan.exchange.buffers / 1e6:.3g}"]
    return f"| {' | '.join([*cells, _milliseconds(_turn(plan, 1)), *_waits(plan)])} |"


def _waits(plan: Estimate) -> Iterator[str]:
    """Give what a turn waits in ms, and its share of the turn, for all GPUs and links."""
    for gpus in GPUS:
        for rate in RATES:
            wait = Link(gpus, rate).wait(plan)
            share = f" ({wait / (wait + _turn(plan, gpus)):.0%})" if plan.work else ""
            yield _milliseconds(wait) + share


def _turn(plan: Estimate, gpus: int) -> float:
    return Rate().hours(plan, gpus) * 3600 / plan.turns


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:,.2g}" if seconds < 0.1 else f"{1000 * seconds:,.0f}"


if __name__ == "__main__":
    for name in sys.argv[1:] or RECIPES:
        print(row(name), flush=True)
