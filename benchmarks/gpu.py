"""`make bench-gpu`: turns on a CUDA device: images a second, memory, and the share of what the device can multiply.

Operations are counted in one turn by torch's FlopCounterMode, which sees matrix products and convolutions; the peak is
measured with torch's own matrix product of 8,192 by 8,192 in bfloat16. Both mean multiplications and additions.
"""

import logging
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch
from lightning import Callback
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.engine import configuration, items
from gen_models.run.build import build_data, build_model, build_stream, build_trainer

WARM_UP, TURNS, SIDE = 33, 100, 8192
"""Turn 33 is one that a captured move, too, makes as ever: its operations can be counted."""
MODELS = (
    ("3,64,64", "model=dcgan", "network.generator.width=64", "data.batch_size=128"),
    ("3,64,64", "model=dcgan", "network.generator.width=64", "data.batch_size=128", "model.graphs=true"),
    ("3,32,32", "model=sngan", "network=resnet", "data.batch_size=64"),
    ("3,32,32", "model=biggan", "data.batch_size=64"),
    ("3,32,32", "model=ddpm", "network=unet", "data.batch_size=128"),
    ("3,32,32", "model=ddpm", "network=unet", "data.batch_size=128", "model.graphs=true"),
    ("3,32,32", "model=glow", "data.batch_size=64"),
    ("3,32,32", "model=gated_pixelcnn", "data.batch_size=64"),
)


@dataclass
class Found:
    """What a model's turns took.

    Args:
        images: A second.
        memory: Largest, in bytes.
        operations: A second.
    """

    images: float
    memory: int
    operations: float


class Measured(Callback):
    """Counts the operations of the last turn of the warm-up, and times those after it.

    Args:
        wait: Until the device has done all that it was given.
    """

    def __init__(self, wait: Callable[[], None]) -> None:
        self.wait, self.counter = wait, FlopCounterMode(display=False)
        self.began, self.seconds, self.operations, self.memory = 0.0, 0.0, 0, 0

    def on_train_batch_start(self, trainer: Any, model: Any, batch: Any, batch_idx: int) -> None:
        """Begin to count."""
        if batch_idx == WARM_UP - 1:
            self.counter.__enter__()

    def on_train_batch_end(self, trainer: Any, model: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Stop counting, or the watch."""
        if batch_idx == WARM_UP - 1:
            self.counter.__exit__(None, None, None)
            self.operations = self.counter.get_total_flops()
            self.wait()
            self.began = perf_counter()
        if batch_idx == WARM_UP + TURNS - 1:
            self.wait()
            self.seconds = perf_counter() - self.began
            self.memory = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0


def measure(shape: str, *overrides: str, wait: Callable[[], None]) -> Found:
    """Train a model for some turns."""
    with tempfile.TemporaryDirectory() as folder:
        cfg = configuration([*overrides, f"turns={WARM_UP + TURNS}", f"paths.run={folder}", "callbacks=none"])
        data = build_data(cfg, items([int(size) for size in shape.split(",")]))
        model, trainer, measured = build_model(cfg), build_trainer(cfg, data), Measured(wait)
        trainer.callbacks.append(measured)  # type: ignore[attr-defined]
        trainer.fit(model, datamodule=build_stream(cfg, data, model))
    a_second = TURNS / measured.seconds
    return Found(data.batch_size * a_second, measured.memory, measured.operations * a_second)


def peak() -> float:
    """Operations a second of a large matrix product in bfloat16."""
    a, b = (torch.randn(SIDE, SIDE, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    for number in range(2 * WARM_UP):
        if number == WARM_UP:
            torch.cuda.synchronize()
            began = perf_counter()
        a @ b
    torch.cuda.synchronize()
    return 2 * SIDE**3 * WARM_UP / (perf_counter() - began)


def main() -> None:
    if not torch.cuda.is_available():
        sys.exit("bench-gpu measures a CUDA device, and torch finds none here: make bench is for processors.")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    most = peak()
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}: {most / 1e12:.0f} TFLOP/s in bfloat16\n")
    print("| options | images/s | memory, GiB | TFLOP/s | of the peak |\n|---|---|---|---|---|")
    for shape, *overrides in MODELS:
        torch.cuda.reset_peak_memory_stats()
        bf16 = (*overrides, "trainer=gpu", "trainer.precision=bf16-mixed")
        found = measure(shape, *bf16, wait=torch.cuda.synchronize)
        share = f"{found.operations / 1e12:.1f} | {found.operations / most:.1%}"
        print(f"| {' '.join(overrides)} | {found.images:,.0f} | {found.memory / 2**30:.2f} | {share} |", flush=True)


if __name__ == "__main__":
    main()
