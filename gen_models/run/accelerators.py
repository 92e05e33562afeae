"""Devices that a model can be put on."""

import platform
from pathlib import Path

import torch

from gen_models.errors import UsageError


def usable_device(name: str | torch.device) -> torch.device:
    """Give a device that torch sees.

    Raises:
        UsageError: It sees no such device.
    """
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"there is no device '{name}': choose cpu, or what torch sees ({_seen()}).") from error
    count = torch.accelerator.device_count() if device.type == _kind() else 0
    if device.type != "cpu" and (device.index or 0) >= count:
        raise UsageError(f"torch does not see device {name} ({_seen()}): choose cpu, or install torch for it.")
    return device


def _kind() -> str:
    """The kind of this machine's accelerator, or nothing."""
    accelerator = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return accelerator.type if accelerator else ""


def _seen() -> str:
    return ", ".join(f"{_kind()}:{i}" for i in range(torch.accelerator.device_count())) if _kind() else "no GPU here"


def described(device: torch.device) -> str:
    """Name a device such that figures of its speed compare: its make, and the threads of a processor."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{_processor()}, {threads} thread{'s' if threads > 1 else ''}" if device.type == "cpu" else device.type


def _processor() -> str:
    """The make of this machine's processor, or at least its kind."""
    info = Path("/proc/cpuinfo")  # Linux; platform.processor() is empty there
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    found = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(iter(found), "") or platform.processor() or platform.machine()
