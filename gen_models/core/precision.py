"""Mixed precision (Micikevicius et al. 2018, https://arxiv.org/abs/1710.03740): its loss scaling, its autocast."""

from contextlib import AbstractContextManager, nullcontext

import torch
from lightning import Trainer
from torch.amp import GradScaler

PLAIN = "32-true"
"""Computing in the weights' own 32 bit."""
DTYPES = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}
"""What others, by Lightning's names, take products in; weights stay in 32 bit."""


def usable(precision: str, device: torch.device) -> str:
    """The precision in which a model is looked at on a device: a CPU takes a minute for a second in float16."""
    return PLAIN if device.type == "cpu" and DTYPES.get(precision) is torch.float16 else precision


def computing(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """Compute on a device as a training of this precision does, where it is usable there."""
    used = usable(precision, device)
    return torch.autocast(device.type, DTYPES[used]) if used in DTYPES else nullcontext()


def scaler_of(trainer: Trainer) -> GradScaler | None:
    """Give what scales the losses of a training in float16; None in any other precision."""
    return getattr(trainer.precision_plugin, "scaler", None)
