"""A side of races: batches of 64 pictures of 64x64, as floats in [-1, 1], shuffled, one process.

`store`: this project's, from a folder of PNG files that it has decoded once. `files`: as torchvision's ImageFolder
does it, Pillow and one array a picture, in a DataLoader.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from benchmarks.pace import Pace
from gen_models.core.stream import Chain, Turn
from gen_models.data.folder import Folder

COUNT, SIZE, BATCH = 1000, 64, 64


def pictures(root: Path) -> None:
    """Smooth random pictures: they compress as photos do, unlike noise."""
    random = np.random.default_rng(0)
    root.mkdir()
    for i in range(COUNT):
        small = Image.fromarray(random.integers(0, 256, (8, 8, 3), dtype=np.uint8))
        small.resize((SIZE, SIZE), Image.Resampling.BICUBIC).save(root / f"{i:05}.png")


class Files(Dataset):
    """Pictures of a folder, each opened when it is asked for.

    Args:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        self.paths = sorted(root.iterdir())

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        with Image.open(self.paths[index]) as file:
            pixels = torch.from_numpy(np.array(file.convert("RGB"))).permute(2, 0, 1)
        return pixels.contiguous().float().div(255).sub(0.5).div(0.5)


def main(way: str) -> None:
    pace = Pace(torch=torch.__version__)
    torch.set_num_threads(1)
    root = Path("pictures").absolute()
    pictures(root)
    if way == "files":
        for _ in pace.through(DataLoader(Files(root), BATCH, shuffle=True, drop_last=True)):
            continue
    chain = Chain(Folder(str(root), size=SIZE, test_fraction=0.0, cache="cache").train, seed=1)
    turns = [Turn(turn, turn * BATCH, BATCH) for turn in range(1000)]
    for batch in pace.through(DataLoader(chain, batch_size=None, sampler=turns)):
        batch.in_unit_range()


if __name__ == "__main__":
    main(*sys.argv[1:])
