"""The image store against a folder of PNG files read by Pillow, batch by batch, 64x64, one process."""

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import torch
from PIL import Image

from gen_models.data.folder import Folder

COUNT, SIZE, BATCH, PAIRS = 2000, 64, 64, 15


def pictures(root):
    """Smooth random pictures: they compress as photos do, unlike noise."""
    random = np.random.default_rng(0)
    for i in range(COUNT):
        small = Image.fromarray(random.integers(0, 256, (8, 8, 3), dtype=np.uint8))
        small.resize((SIZE, SIZE), Image.Resampling.BICUBIC).save(root / f"{i:05}.png")


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "images")
        root.mkdir()
        pictures(root)
        files = sorted(root.iterdir())
        items = Folder(str(root), size=SIZE, cache=str(Path(folder, "cache"))).train

        def by_pillow(indices):
            return torch.stack([torch.from_numpy(np.array(Image.open(files[i]).convert("RGB"))) for i in indices])

        ratios, speeds = [], []
        for _ in range(PAIRS):
            indices = torch.randint(len(items), (BATCH,)).tolist()
            started = perf_counter()
            by_pillow(indices)
            middle = perf_counter()
            for _ in range(20):
                items.gather(indices)
            store = (perf_counter() - middle) / 20
            ratios.append((middle - started) / store)
            speeds.append(BATCH / store)
    print(f"image store / Pillow over PNG files: {median(ratios):.0f} times ({median(speeds):,.0f} images/s)")


if __name__ == "__main__":
    main()
