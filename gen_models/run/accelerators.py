"""Devices that a model can be put on."""

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
