"""How many devices and machines a trainer is told to use: said in words, numbers or lists, and read without torch."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gen_models.errors import UsageError
from gen_models.run.quoting import as_typed

LISTED = re.compile(r"\d+,|\d+(, ?\d+)+,?")
"""Devices by their numbers, in a word."""


def check_counts(trainer: Mapping[Any, Any]) -> None:
    """Refuse a number of devices or of machines that is none.

    Raises:
        UsageError: What the option takes.
    """
    devices, nodes = trainer.get("devices", 1), trainer.get("num_nodes", 1)
    if counted(devices, 0) is None:
        raise UsageError(
            f"trainer.devices={as_typed(devices)} is no number of devices: give 1 or more, their numbers as in [0, 1], "
            "or auto."
        )
    if type(nodes) is not int or nodes < 1:
        raise UsageError(f"trainer.num_nodes={as_typed(nodes)} is no number of machines: give 1 or more.")


def counted(devices: Any, gpus: int) -> int | None:
    """How many devices are meant, where there are so many GPUs; None where they are said in no way that there is."""
    if devices in (-1, "-1", "auto"):
        return gpus
    if isinstance(devices, str):
        return int(devices) if devices.isdecimal() else devices.strip(",").count(",") + 1 if listed(devices) else None
    if isinstance(devices, Sequence):
        return len(devices) if devices and all(type(number) is int for number in devices) else None
    return devices if type(devices) is int else None


def listed(devices: Any) -> bool:
    """Whether devices are said by their numbers."""
    return bool(LISTED.fullmatch(devices)) if isinstance(devices, str) else isinstance(devices, Sequence)
