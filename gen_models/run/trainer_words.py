"""What a trainer is told in words and numbers: its parts by name, how many devices; read without torch."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gen_models.errors import UsageError, nearest
from gen_models.run.quoting import as_typed

ACCELERATORS = ("auto", "gpu", "cpu", "cuda", "mps", "tpu")
"""Lightning's."""

DDP = ("ddp", "ddp_spawn", "ddp_fork", "ddp_notebook")
STRATEGIES = (
    *("auto", "single_device", *DDP),
    *(f"{name}_find_unused_parameters_{value}" for name in DDP for value in ("true", "false")),
)
"""Those of Lightning's that give each process whole networks."""

OF_TPUS = ("single_xla", "xla_debug", "xla", "single_tpu")
"""Further ones, beside `trainer.accelerator=tpu`."""

SHARDED = ("fsdp", "fullysharded", "deepspeed", "modelparallel", "model_parallel")
"""Parts of the names of strategies that give no process a whole network."""

PRECISIONS = ("32-true", "bf16-mixed", "16-mixed")
"""Those that keep weights in 32 bit: in 16, the small steps of an optimizer would be lost."""

LISTED = re.compile(r"\d+,|\d+(, ?\d+)+,?")
"""Devices by their numbers, in a word."""


def check_words(trainer: Mapping[Any, Any]) -> None:
    """Refuse parts of a trainer that there are none of, and numbers of devices or of machines that are none.

    Raises:
        UsageError: What the option takes.
    """
    _check_counts(trainer)
    _check_name(trainer, "accelerator", ACCELERATORS)
    _check_strategy(trainer)
    _check_precision(trainer)


def _check_counts(trainer: Mapping[Any, Any]) -> None:
    devices, nodes = trainer.get("devices", 1), trainer.get("num_nodes", 1)
    if counted(devices, 0) is None:
        raise UsageError(
            f"trainer.devices={as_typed(devices)} is no number of devices: give 1 or more, their numbers as in [0, 1], "
            "or auto."
        )
    if type(nodes) is not int or nodes < 1:
        raise UsageError(f"trainer.num_nodes={as_typed(nodes)} is no number of machines: give 1 or more.")


def _check_name(trainer: Mapping[Any, Any], option: str, known: Sequence[str]) -> None:
    """Refuse an option that is neither an object nor one of the names that are known."""
    value = trainer.get(option, "auto")
    if not isinstance(value, Mapping) and value not in known:
        raise UsageError(f"there is no trainer.{option}={as_typed(value)}: {nearest(str(value), known)}")


def _check_strategy(trainer: Mapping[Any, Any]) -> None:
    strategy = str(trainer.get("strategy"))
    if any(part in strategy.lower() for part in SHARDED):
        raise UsageError(
            f"trainer.strategy={strategy} cuts networks into pieces, and a checkpoint holds whole ones: use "
            "trainer=ddp; docs/clusters.md counts the memory."
        )
    _check_name(trainer, "strategy", STRATEGIES + (OF_TPUS if trainer.get("accelerator") == "tpu" else ()))


def _check_precision(trainer: Mapping[Any, Any]) -> None:
    chosen = trainer.get("precision", PRECISIONS[0])
    if chosen is None:  # as Lightning wants it beside a precision plug-in
        chosen = PRECISIONS[0] if trainer.get("plugins") else "null"
    if str(chosen) not in PRECISIONS:
        raise UsageError(
            f"trainer.precision={chosen} does not keep weights in 32 bit: {nearest(str(chosen), PRECISIONS)}"
        )


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
