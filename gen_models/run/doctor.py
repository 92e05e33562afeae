"""What this machine has, what it lacks, and the command that adds it."""

import importlib.metadata
import os
import platform
import shutil
from collections.abc import Iterator

import torch

from gen_models.run.plugins import allowed

REQUIRED = (
    "lightning",
    "hydra-core",
    "omegaconf",
    "torchmetrics",
    "wandb",
    "tensorboard",
    "dicebear-core",
    "scikit-learn",
)
OPTIONAL = {
    "torch-fidelity": ("genuine FID, KID and IS (metrics=inception)", "pip install -c constraints.txt torch-fidelity"),
    "ccexam": ("figures of handwritten digits (metrics=mnist, stacked_mnist)", "pip install --no-deps ccexam"),
    "hydra-submitit-launcher": ("hydra/launcher=slurm", "pip install -c constraints.txt -e '.[slurm]'"),
    "optuna": ("sweep=search", "pip install -c constraints.txt -e '.[optuna]'"),
    "fastapi": ("gen-models explore", "pip install -c constraints.txt fastapi uvicorn"),
    "datasets": ("data=hub and data=cifar10", "pip install datasets"),
    "soundfile": ("FLAC files in data=speech", "pip install soundfile"),
}


def examine() -> Iterator[str]:
    """Give a line for each thing looked at."""
    yield _line("python", f"{platform.python_version()} on {platform.platform()}")
    yield _line("torch", f"{torch.__version__}, {torch.get_num_threads()} threads on {os.cpu_count()} cores")
    yield _line("devices", ", ".join(_devices()) or "no GPU: trainer=cpu")
    yield _line("plug-ins", ", ".join(allowed()) or "none")
    yield _line("free disk", f"{shutil.disk_usage('.').free / 2**30:.0f} GiB")
    for name in REQUIRED:
        yield _line(name, _version(name) or "MISSING: make setup")
    for name, (use, command) in OPTIONAL.items():
        yield _line(name, _version(name) or f"missing, needed for {use}: {command}")


def _line(name: str, text: str) -> str:
    return f"{name:{max(map(len, OPTIONAL)) + 1}}{text}"


def _devices() -> list[str]:
    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return names + (["Apple GPU (mps)"] if torch.backends.mps.is_available() else [])


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
