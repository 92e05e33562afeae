"""A side of races: a lean hand-written loop of the main job's game, without a framework.

No graph through the generator in the critic's move, the critic frozen in the generator's, fused Adam, channels_last,
an average of the generator, nothing that waits. The same networks, batches and options as `benchmarks.engine`.
"""

import sys

import torch

from benchmarks.engine import configuration, items
from benchmarks.pace import Pace
from gen_models.core.stream import Chain, Turn
from gen_models.run.build import build_data, build_model


def main(shape: str, *overrides: str) -> None:
    pace = Pace(torch=torch.__version__)
    torch.set_num_threads(1)
    cfg = configuration(list(overrides))
    data = build_data(cfg, items([int(size) for size in shape.split(",")]))
    model = build_model(cfg)
    g, d, size = model.generator.train(), model.discriminator.train(), data.batch_size
    chain = Chain(data.train, cfg.seed, flip=False)
    g_opt = torch.optim.Adam(g.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True)
    d_opt = torch.optim.Adam(d.parameters(), lr=4e-4, betas=(0.5, 0.999), fused=True)
    average = [p.detach().clone() for p in g.parameters()]
    for turn, _ in enumerate(pace):
        real = chain[Turn(turn, turn * size, size)].in_unit_range().x
        with torch.no_grad():
            fake = g(torch.randn(size, 100))
        d_opt.zero_grad()
        (torch.relu(1 - d(real)).mean() + torch.relu(1 + d(fake)).mean()).backward()
        d_opt.step()
        d.requires_grad_(False)
        g_opt.zero_grad()
        (-d(g(torch.randn(size, 100))).mean()).backward()
        g_opt.step()
        d.requires_grad_(True)
        with torch.no_grad():
            torch._foreach_lerp_(average, list(g.parameters()), 0.01)


if __name__ == "__main__":
    main(*sys.argv[1:])
