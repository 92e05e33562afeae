"""A side of races: drawing from an autoregressive model, `cached`, each feature computed once, or by `full` passes.

`pixels`: a Gated PixelCNN, 11 layers of 64 features, 28x28, 256 levels, batch 16. `sound`: a WaveNet, two stacks of
dilations 1 to 512, 32 channels, 256 levels, batch 1: 2,047 samples, its receptive field. A turn draws all positions by
caches, and one position by a full pass, which costs the same for each. That both draw the same is tested:
`tests/networks/autoregressive`.
"""

import sys
from collections.abc import Callable
from itertools import cycle

import torch
from torch import Tensor

from benchmarks.pace import Pace
from gen_models.losses.categorical import Softmax
from gen_models.media.pixels import from_levels
from gen_models.networks.autoregressive.causal import Causal
from gen_models.networks.autoregressive.gated_pixelcnn import GatedPixelCNN
from gen_models.networks.autoregressive.wavenet import WaveNet

LEVELS = 256


def pixels() -> tuple[Causal, Tensor]:
    """A Gated PixelCNN, and an empty canvas (16, 1, 28, 28)."""
    network = GatedPixelCNN((1, 28, 28), LEVELS, width=64, layers=11)
    return network.to(memory_format=torch.channels_last), torch.zeros(16, 1, 28, 28)


def sound() -> tuple[Causal, Tensor]:
    """A WaveNet, and an empty canvas (1, 1, 2047)."""
    network = WaveNet((1, 2047), LEVELS, residual=32, dilated=32, skip=128, depth=10, stacks=2)
    return network, torch.zeros(1, 1, 2047)


def draw(step: Callable[[Tensor, int, int], Tensor], canvas: Tensor, position: int) -> None:
    """Draw one position of the canvas."""
    cells = canvas.flatten(2)
    noise = torch.rand(len(canvas), 2)
    level = Softmax().draw(step(canvas, position, 0), cells[:, :0, position], noise, LEVELS, 1.0)
    cells[:, 0, position] = from_levels(level, LEVELS)


@torch.no_grad()
def main(kind: str, way: str) -> None:
    torch.set_num_threads(1)
    network, canvas = {"pixels": pixels, "sound": sound}[kind]()
    network.eval()
    length, batch = canvas.flatten(1).shape[1], len(canvas)
    if way == "cached":
        for _ in Pace(worth=length, torch=torch.__version__):
            step = network.stepper(batch)
            for position in range(length):
                draw(step, canvas, position)
    else:
        for position, _ in zip(cycle(range(length // 2, length)), Pace(torch=torch.__version__), strict=False):
            draw(Causal.stepper(network, batch), canvas, position)


if __name__ == "__main__":
    main(*sys.argv[1:])
