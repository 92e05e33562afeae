"""A side of races: pytorch-generative's Trainer and Gated PixelCNN: layers of 32, 256 levels, batches of 64.

Its argument is the shape of a picture. All channels of a pixel are predicted at once, where this project's see each
other in turn.
"""

import sys
import tempfile

from torch import Tensor, optim
from torch.nn.functional import cross_entropy

from benchmarks.pace import PacedLoader
from benchmarks.peers.install import GENERATIVE
from benchmarks.peers.sides import loader, pace_of, without

without("torchvision", "torchvision.datasets", "torchvision.transforms", "torchvision.datasets.utils")

from pytorch_generative.models import GatedPixelCNN  # noqa: E402
from pytorch_generative.trainer import Trainer  # noqa: E402

LEVELS, BATCH = 256, 64
WIDTH, LAYERS, HIDDEN = 32, 8, 64


def nll(x: Tensor, _: Tensor, logits: Tensor) -> Tensor:
    """Nats of pictures (B, C, H, W) in [-1, 1], under logits (B, 256 · C, H, W)."""
    levels = ((x + 1) / 2 * (LEVELS - 1)).round().long()
    return cross_entropy(logits.unflatten(1, (LEVELS, x.shape[1])), levels, reduction="none").sum((1, 2, 3)).mean()


def main(shape: str) -> None:
    pace = pace_of("pytorch-generative", GENERATIVE)
    sizes = tuple(int(size) for size in shape.split(","))
    network = GatedPixelCNN(sizes[0], LEVELS * sizes[0], LAYERS - 1, WIDTH, HIDDEN)  # and a first layer
    optimizer = optim.Adam(network.parameters(), lr=1e-3)
    paced = PacedLoader(pace, loader(sizes, BATCH))
    with tempfile.TemporaryDirectory() as folder:
        Trainer(network, nll, optimizer, paced, None, log_dir=folder).interleaved_train_and_eval(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
