"""A run as Python sees it: its directory, its model, its figures and its samples."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cached_property
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, final, overload

import numpy as np
import torch
from omegaconf import DictConfig
from PIL import Image
from torch import Tensor

from gen_models.analysis.classes import Classes, class_names, wanted
from gen_models.analysis.interpolate import drawn_walks
from gen_models.analysis.sampling import blocks
from gen_models.analysis.ways import Way
from gen_models.bounds import AtLeast
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError
from gen_models.media.pictures import columns_for, grid
from gen_models.media.pixels import as_array
from gen_models.metrics.record import Record
from gen_models.reports.finished import Finished, read
from gen_models.run.accelerators import usable_device
from gen_models.run.checkpoints import CHECKPOINTS, Store
from gen_models.run.directory import check_checkpoint, load
from gen_models.run.reading import LAST, meant, read_whole_config

Kind = Literal["tensor", "numpy", "pil"]


@final
class Run:
    """A run directory, made from Python or by the command line.

    Args:
        path: The directory; `last` is the newest finished one of all.
        averaged: Use the averaged weights of networks that have them.
        checkpoint: `newest` or `best`.
        device: Where the model is put.
        plugins: Packages beyond this project's that the run's configuration may name.
        truncation: Largest latent that samples are drawn from; None leaves the latents alone.
        way: Other settings of the model's sampling, by name, such as {"temperature": 0.7}.

    Raises:
        UsageError: It is no run directory, or there is no such checkpoint or device.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        averaged: bool = True,
        checkpoint: str = "newest",
        device: str | torch.device = "cpu",
        plugins: tuple[str, ...] = (),
        truncation: float | None = None,
        way: Mapping[str, Any] | None = None,
    ) -> None:
        self.path = meant(LAST) if Path(path) == LAST else Path(path)
        self.config: DictConfig = read_whole_config(self.path)
        check_checkpoint(checkpoint)
        usable_device(device)
        self.averaged, self.checkpoint, self.device, self.plugins = averaged, checkpoint, device, plugins
        self.way = Way(truncation, way or {})

    @cached_property
    def model(self) -> GenerativeModel:
        """The model, ready to sample; loaded when it is first asked for."""
        model = load(
            self.path, averaged=self.averaged, checkpoint=self.checkpoint, device=self.device, plugins=self.plugins
        )
        self.way.take(model)
        return model

    @property
    def records(self) -> list[Record]:
        """The figures of the last evaluation, as they lie in the directory now."""
        return list(self._read.records)

    @property
    def alarms(self) -> list[str]:
        """What went wrong in the run and never came right, in words."""
        return list(self._read.alarms)

    @property
    def history(self) -> list[dict[str, float]]:
        """The rows of `metrics.csv`: losses and figures by name, with `turn` and `images`."""
        return [dict(row) for row in self._read.history]

    @overload
    def samples(self, n: int = ..., y: Classes = ..., *, seed: int = ..., kind: Literal["tensor"] = ...) -> Tensor: ...

    @overload
    def samples(self, n: int = ..., y: Classes = ..., *, seed: int = ..., kind: Literal["numpy"]) -> np.ndarray: ...

    @overload
    def samples(
        self, n: int = ..., y: Classes = ..., *, seed: int = ..., kind: Literal["pil"]
    ) -> list[Image.Image]: ...

    def samples(
        self, n: int = 64, y: Classes = None, *, seed: int = 0, kind: Kind = "tensor"
    ) -> Tensor | np.ndarray | list[Image.Image]:
        """Draw samples, a few at a time, so that memory holds little more than the result.

        Args:
            n: How many.
            y: One class for all, or n of them, by number or by name (a text that is no name may be a number); None
                draws every class in turn, where the model has any.
            seed: Same seed, same samples: those of `gen-models sample --seed`, and sample i for every n.
            kind: `tensor` gives (n, *shape) float32 in [-1, 1]; `numpy` gives images as (n, H, W, C) uint8, and what
                is no image as (n, *shape) float32; `pil` gives images as a list.

        Raises:
            UsageError: The model has no such class, or samples that are no pictures were asked for as such.
        """
        if kind not in ("tensor", "numpy", "pil"):
            raise UsageError(f"samples come as tensor, numpy or pil, not as '{kind}'.")
        AtLeast(1).check("samples.n", n)
        drawn = blocks(self.model, n, seed, wanted(self.model, n, y, class_names(self.config)))
        if kind == "tensor":
            return torch.cat(list(drawn))
        arrays = [as_array(x) for x in drawn]
        if kind == "numpy":
            return np.concatenate(arrays)
        return [_picture(pixels) for array in arrays for pixels in array]

    def picture(self, n: int = 64, *, seed: int = 0) -> Image.Image:
        """Draw n samples into one grid; points become a histogram, sounds spectrograms."""
        return _grid(self.samples(n, seed=seed), columns_for(self.model.classes))

    def walk(self, rows: int = 4, steps: int = 8, *, seed: int = 0) -> Image.Image:
        """Draw walks on straight lines between draws of the prior, one a row, into one grid; a row keeps its class.

        Raises:
            UsageError: The model has no codes to draw.
        """
        AtLeast(1).check("walk.rows", rows)
        AtLeast(2).check("walk.steps", steps)
        with self.model.evaluating("walk", seed):
            return _grid(drawn_walks(self.model, rows, steps, arcs=False), steps)

    @property
    def _read(self) -> Finished:
        return read(self.path)

    @property
    def _title(self) -> str:
        read = self._read
        return f"{read.model} on {read.data}, {read.turn:,} turns"

    def __repr__(self) -> str:
        return "\n".join([f"Run('{self.path}'): {self._title}", *(f"  {record}" for record in self.records)])

    def _repr_html_(self) -> str:
        figures = "".join(f"<br>{escape(str(record))}" for record in self.records)
        text = f"<b>{escape(self._title)}</b><br><code>{escape(str(self.path))}</code>{figures}"
        return f"{text}<br>{_embedded(self.picture())}" if Store(self.path / CHECKPOINTS).entries() else text


def _embedded(picture: Image.Image) -> str:
    file = BytesIO()
    picture.save(file, "PNG")
    return f'<img src="data:image/png;base64,{b64encode(file.getvalue()).decode()}">'


def _grid(samples: Tensor, columns: int) -> Image.Image:
    return Image.fromarray(grid(samples, columns).permute(1, 2, 0).contiguous().numpy())


def _picture(pixels: Any) -> Image.Image:
    if pixels.ndim != 3:
        raise UsageError("samples of this model are no pictures: ask for kind='numpy'.")
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
