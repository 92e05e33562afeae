"""A side of races: samples of an untrained model, so many a turn.

`python -m benchmarks.drawing 16 3,32,32 model=flow_matching model.steps=20`
"""

import sys

import torch

from benchmarks.engine import configuration, items
from benchmarks.pace import Pace
from gen_models.run.build import build_data, build_model


def main(count: str, shape: str, *overrides: str) -> None:
    pace = Pace(torch=torch.__version__)
    torch.set_num_threads(1)
    cfg = configuration(list(overrides))
    build_data(cfg, items([int(size) for size in shape.split(",")]))
    model = build_model(cfg).eval()
    for _ in pace:
        model.sample(int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
