"""A side of races: zuko, by its documentation: `realnvp` and `spline` on points."""

import sys

import zuko
from zuko.transforms import MonotonicRQSTransform

from benchmarks.peers.points import AFFINE, DIMS, HIDDEN, SPLINES, train
from benchmarks.peers.sides import pace_of


def main(kind: str) -> None:
    pace = pace_of("zuko")
    if kind == "realnvp":
        flow = zuko.flows.NICE(DIMS, transforms=AFFINE, hidden_features=HIDDEN)
    else:
        splines = {"univariate": MonotonicRQSTransform, "shapes": [(8,), (8,), (7,)]}
        flow = zuko.flows.NICE(DIMS, transforms=SPLINES, hidden_features=HIDDEN, **splines)
    train(pace, flow.parameters(), lambda x: -flow().log_prob(x).mean(), clip=0.0 if kind == "realnvp" else 5.0)


if __name__ == "__main__":
    main(*sys.argv[1:])
