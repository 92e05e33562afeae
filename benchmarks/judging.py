"""A side of races: FID by `ours` or by `torchmetrics`, which both keep what they know of as many real items.

`features`: of 5,000 vectors of 1,280 numbers that are given. `pictures`: of 1,500 pictures of 32x32 by
EfficientNet-Lite0, each library's pass included: here as this project folds it, there as its package has it.
"""

import sys
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torchmetrics import __version__ as version
from torchmetrics.image.fid import FrechetInceptionDistance

from benchmarks.pace import Pace
from gen_models.metrics import Lite0
from gen_models.metrics.features import Features, extract
from gen_models.metrics.measures import fid
from gen_models.metrics.pretrained import efficientnet

WIDTH, GIVEN, PICTURES, BATCH = 1280, 5000, 1500, 100


class Passed(nn.Module):
    """What torchmetrics asks of an extractor: features of pictures, and how many.

    Args:
        network: Gives features and logits; None hands features on.
    """

    num_features = WIDTH

    def __init__(self, network: nn.Module | None) -> None:
        super().__init__()
        self.network = network

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        """Give features (B, F) of pictures, or of themselves."""
        return x if self.network is None else self.network(x)[0]


def ours(real: Tensor, network: nn.Module | None) -> Callable[[Tensor], object]:
    """This project's way, as `gen-models evaluate` goes."""

    def features(x: Tensor, what: str) -> Features:
        return Features(x) if network is None else extract(network, x.split(BATCH), torch.device("cpu"), what)

    kept = features(real, "real pictures")
    return lambda fake: fid(features(fake, "pictures"), kept)


def torchmetrics(real: Tensor, network: nn.Module | None) -> Callable[[Tensor], object]:
    """The way of torchmetrics' documentation."""
    metric = FrechetInceptionDistance(Passed(network), reset_real_features=False)

    def judge(fake: Tensor) -> object:
        metric.reset()
        for batch in fake.split(BATCH):
            metric.update(batch, real=False)
        return metric.compute()

    for batch in real.split(BATCH):
        metric.update(batch, real=True)
    return judge


@torch.no_grad()
def main(what: str, library: str) -> None:
    pace = Pace(torchmetrics=version, torch=torch.__version__)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    shape = (GIVEN, WIDTH) if what == "features" else (PICTURES, 3, 32, 32)
    network = None if what == "features" else Lite0()
    if network is not None and library == "torchmetrics":
        network.network = efficientnet(0)[0].eval()
    real, fake = (2 * torch.rand(shape) - 1 for _ in range(2))
    judge = {"ours": ours, "torchmetrics": torchmetrics}[library](real, network)
    for _ in pace:
        judge(fake)


if __name__ == "__main__":
    main(*sys.argv[1:])
