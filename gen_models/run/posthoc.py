"""Averages of weights made after the training, of any length, from snapshots of two (post-hoc EMA).

Karras et al. 2024, section 3.2, https://arxiv.org/abs/2312.02696.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.utilities import rank_zero_warn
from omegaconf import OmegaConf
from torch import Tensor, nn

from gen_models.core.network_tensors import VARIANCES, statistics_of
from gen_models.core.power_average import Profile, coefficients, exponent, shares
from gen_models.errors import UsageError
from gen_models.files import write_folder, write_text, write_whole
from gen_models.run.checkpoints import CHECKPOINTS, Store
from gen_models.run.reading import CONFIG, read_config

AVERAGES = "averages"
"""The folder of the snapshots in the run directory."""
NAME = re.compile(r"images-(\d+)-std-([0-9.]+)\.safetensors")


def write_snapshot(folder: Path, std: float, images: int, networks: nn.ModuleDict) -> None:
    """Write the averages of one width as they are after so many images, running statistics included."""
    from safetensors.torch import save

    folder.mkdir(parents=True, exist_ok=True)
    averaged = dict(networks.named_parameters()) | statistics_of(networks)
    weights = {name: value.detach().cpu().contiguous() for name, value in averaged.items()}
    write_whole(folder / f"images-{images:012d}-std-{std}.safetensors", lambda file: file.write(save(weights)))


def rewind(folder: Path, images: int) -> None:
    """Remove the snapshots from after so many images, of turns that are played again.

    Those of an earlier run are removed with all that it has written (`run/traces.py`), when another one begins.
    """
    for path, profile in _snapshots(folder).items():
        if profile.images > images:
            path.unlink()


def average(run: Path, std: float, out: Path) -> Path:
    """Write a run directory beside a run whose averaged networks have an average `std` wide.

    The rest is the run's newest checkpoint. Where the run keeps averaged copies of those networks they are replaced,
    and elsewhere the weights.

    Args:
        run: The run directory.
        std: Width of the average's profile, as a share of the run.
        out: The new run directory.

    Raises:
        UsageError: The run has no snapshots or no whole checkpoint, or `out` is there already.
    """
    if out.exists():
        raise UsageError(f"{out} is there already: choose another --out.")
    weights = rebuilt(run, std)
    found = Store(run / CHECKPOINTS).newest()
    if found is None:
        raise UsageError(f"{run} has no checkpoint yet.")
    entry, payload, _ = found
    payload["model"] |= _placed(weights, payload["model"])
    cfg = read_config(run)
    cfg.averaged_std = std  # a board takes it for a model of its own

    def fill(folder: Path) -> None:
        write_text(folder / CONFIG, OmegaConf.to_yaml(cfg))
        Store(folder / CHECKPOINTS).save(entry.turn, payload)

    out.parent.mkdir(parents=True, exist_ok=True)
    write_folder(out, fill)
    return out


def rebuilt(run: Path, std: float) -> dict[str, Tensor]:
    """Give the averaged weights by name, as of the newest snapshot; the sums are in float64, a tensor at a time.

    Also the running statistics, where all snapshots have them: those of earlier versions have not. Variances that would
    be negative, by coefficients that are, are averaged by the nearest profile that weighs nothing negatively.

    Raises:
        UsageError: The run has no snapshots.
    """
    from safetensors import safe_open

    snapshots = _snapshots(run / AVERAGES)
    if not snapshots:
        raise UsageError(f"{run} has no snapshots of averages: train it with callbacks=averages.")
    wanted = Profile(max(profile.images for profile in snapshots.values()), exponent(std))
    stored = list(snapshots.values())
    files = [safe_open(path, framework="pt") for path in snapshots]

    def combined(name: str, weights: Tensor) -> Tensor:
        parts = zip(weights, files, strict=True)
        return sum((weight * file.get_tensor(name).double() for weight, file in parts), torch.zeros(())).float()

    nearest = torch.from_numpy(coefficients(stored, wanted))
    names = sorted(set.intersection(*(set(file.keys()) for file in files)))
    averages = {name: combined(name, nearest) for name in names}
    negative = [name for name in names if name.rpartition(".")[2] in VARIANCES and bool((averages[name] < 0).any())]
    if negative:
        rank_zero_warn(
            f"{std:g} is so far from the widths that were stored that {len(negative)} running variances would be "
            "negative: the nearest averages that can't be are taken in their place; a width between those is safer."
        )
    return averages | {name: combined(name, torch.from_numpy(shares(stored, wanted))) for name in negative}


def _snapshots(folder: Path) -> dict[Path, Profile]:
    """The snapshots and their profiles, in order of time."""
    matches = {path: NAME.fullmatch(path.name) for path in sorted(folder.glob("*.safetensors"))}
    return {path: Profile(float(match[1]), exponent(float(match[2]))) for path, match in matches.items() if match}


def _placed(weights: Mapping[str, Tensor], state: Mapping[str, Any]) -> dict[str, Tensor]:
    """The weights under the names that they have in a model's state."""
    copies = {name: f"averages.copies.{name}" for name in weights}
    return {copies[name] if copies[name] in state else name: value for name, value in weights.items()}
