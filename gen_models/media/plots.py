"""Plots as pictures, without a display and without a global state."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from gen_models.media.image_files import save_image

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

COLOURS = 40
FRAME = 300
"""Milliseconds that a picture of a film is shown; the last one for ten times as long."""


def panels(count: int, title: str) -> "tuple[Figure, Sequence[Axes]]":
    """Give a figure with `count` plots side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6 * count, 3.8), dpi=90, layout="constrained")
    figure.suptitle(title, fontsize=10)
    return figure, figure.subplots(1, count, squeeze=False)[0]


def label(axes: "Axes", x: str, y: str) -> None:
    """Name both axes, and what is drawn."""
    axes.set(xlabel=x, ylabel=y)
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8)


def rasterised(figure: "Figure") -> "Tensor":
    """Give the figure as a picture (3, H, W) uint8."""
    import torch
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return torch.from_numpy(np.asarray(canvas.buffer_rgba())[..., :3].copy()).permute(2, 0, 1)


def save_frames(frames: "Sequence[Tensor]", path: Path) -> None:
    """Write pictures (3, H, W) uint8 as a film (GIF), or one as a PNG, in few colours; a film rests at its end."""
    images = [Image.fromarray(frame.permute(1, 2, 0).contiguous().numpy()) for frame in frames]
    palette = images[-1].quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
    first, *others = (image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images)
    if not others:
        save_image(first, path, optimize=True)
        return
    durations = [FRAME] * len(others) + [10 * FRAME]
    save_image(first, path, save_all=True, append_images=others, duration=durations, loop=0, optimize=True)
