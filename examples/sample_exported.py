"""Draw from a program that `gen-models export --to program` or `--to onnx` has written, without this project.

    python sample_exported.py model.pt2 samples.png
    python sample_exported.py model.onnx samples.png

Needs NumPy, Pillow, and torch or onnxruntime. Latents are those that lie beside the program, in model_latents.npz:
draws of the model's prior.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

COUNT, COLUMNS = 64, 8


def drawn(program: Path, given: dict[str, np.ndarray]) -> np.ndarray:
    """Run a program on latents `z`, and classes `y` where it has any: samples (n, channels, height, width)."""
    if program.suffix == ".onnx":
        import onnxruntime

        return np.asarray(onnxruntime.InferenceSession(str(program)).run(["x"], given)[0])
    import torch

    inputs = [torch.from_numpy(given[name]) for name in ("z", "y") if name in given]
    return torch.export.load(program).module()(*inputs).numpy()


def main(program: Path, out: Path) -> None:
    """Draw samples into a grid."""
    latents = np.load(program.with_name(f"{program.stem}_latents.npz"))
    x = drawn(program, {name: latents[name][:COUNT] for name in latents})
    pixels = np.clip((x + 1) * 127.5, 0, 255).round().astype(np.uint8)
    rows = pixels.reshape(COUNT // COLUMNS, COLUMNS, *pixels.shape[1:]).transpose(0, 3, 1, 4, 2)
    grid = rows.reshape(rows.shape[0] * rows.shape[1], -1, rows.shape[-1])
    Image.fromarray(grid[..., 0] if grid.shape[-1] == 1 else grid).save(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
