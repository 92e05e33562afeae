"""A side of races: nflows, by its documentation: `realnvp` and `spline` on points."""

import sys

import torch
from nflows.distributions import StandardNormal
from nflows.flows import Flow
from nflows.transforms import (
    AffineCouplingTransform,
    CompositeTransform,
    PiecewiseRationalQuadraticCouplingTransform,
)
from torch import Tensor, nn

from benchmarks.peers.points import AFFINE, DIMS, HIDDEN, SPLINES, train
from benchmarks.peers.sides import pace_of

TAILS = {"tails": "linear", "num_bins": 8, "tail_bound": 3.0}


class Net(nn.Sequential):
    """The perceptron of a coupling."""

    def __init__(self, inputs: int, outputs: int) -> None:
        first, second = HIDDEN
        super().__init__(
            nn.Linear(inputs, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(), nn.Linear(second, outputs)
        )
        self.hidden_features = second

    def forward(self, x: Tensor, context: None = None) -> Tensor:
        """Give the parameters of the other half."""
        return super().forward(x)


def mask(number: int) -> Tensor:
    """Even and odd entries in turn."""
    return torch.arange(DIMS) % 2 == number % 2


def main(kind: str) -> None:
    pace = pace_of("nflows")
    if kind == "realnvp":
        couplings = [AffineCouplingTransform(mask(i), Net) for i in range(AFFINE)]
    else:
        couplings = [PiecewiseRationalQuadraticCouplingTransform(mask(i), Net, **TAILS) for i in range(SPLINES)]
    flow = Flow(CompositeTransform(couplings), StandardNormal([DIMS]))
    train(pace, flow.parameters(), lambda x: -flow.log_prob(x).mean(), clip=0.0 if kind == "realnvp" else 5.0)


if __name__ == "__main__":
    main(*sys.argv[1:])
