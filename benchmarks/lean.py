"""A side of races: a lean hand-written loop of the main job's game, without a framework.

No graph through the generator in the critic's move, the critic frozen in the generator's, fused Adam, channels_last,
an average of the generator, nothing that waits. The same networks, batches and options as `benchmarks.engine`.
"""

import sys

import torch
from torch import Tensor, nn
from torch.optim import Adam

from benchmarks.engine import configuration, items
from benchmarks.pace import Pace
from gen_models.core.stream import Chain, Turn
from gen_models.run.build import build_data, build_model


class Game:
    """Hinge loss, both players in turn.

    Args:
        generator: Maps latents (B, 100) to pictures.
        critic: Maps pictures to logits (B,).
    """

    def __init__(self, generator: nn.Module, critic: nn.Module) -> None:
        self.g, self.d = generator.train(), critic.train()
        self.g_opt = Adam(self.g.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True)
        self.d_opt = Adam(self.d.parameters(), lr=4e-4, betas=(0.5, 0.999), fused=True)
        self.average = [p.detach().clone() for p in self.g.parameters()]

    def turn(self, real: Tensor) -> None:
        """Let both move."""
        z = torch.randn(2, len(real), 100)
        with torch.no_grad():
            fake = self.g(z[0])
        self.d_opt.zero_grad()
        (torch.relu(1 - self.d(real)).mean() + torch.relu(1 + self.d(fake)).mean()).backward()
        self.d_opt.step()
        self.d.requires_grad_(False)
        self.g_opt.zero_grad()
        (-self.d(self.g(z[1])).mean()).backward()
        self.g_opt.step()
        self.d.requires_grad_(True)
        with torch.no_grad():
            torch._foreach_lerp_(self.average, list(self.g.parameters()), 0.01)


def main(shape: str, *overrides: str) -> None:
    pace = Pace(torch=torch.__version__)
    torch.set_num_threads(1)
    cfg = configuration(list(overrides))
    data = build_data(cfg, items([int(size) for size in shape.split(",")]))
    model, size = build_model(cfg), data.batch_size
    game, chain = Game(model.generator, model.discriminator), Chain(data.train, cfg.seed, flip=False)
    for turn, _ in enumerate(pace):
        game.turn(chain[Turn(turn, turn * size, size)].in_unit_range().x)


if __name__ == "__main__":
    main(*sys.argv[1:])
