"""A trained model in one file: the networks that it draws with, as safetensors, and what rebuilds it around them.

Nothing in the file is code: weights, and plain JSON as metadata.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError
from gen_models.files import replacing, shown
from gen_models.run.build import build_model
from gen_models.run.plugins import allowed
from gen_models.run.reading import complete, configured

REBUILDING = ("model", "spec", "seed", "choices", "turns", "images")
"""Options that a file tells: what rebuilds a model. Where data and runs lay stays at home."""


class Absent(nn.Module):
    """Takes the place of a network that was left out of a file, and has what is told of it: its classes, its sizes.

    Args:
        name: Of the network.
        network: Without whose weights one does.
    """

    def __init__(self, name: str, network: nn.Module) -> None:
        super().__init__()
        vars(self).update({key: value for key, value in vars(network).items() if key[0] != "_" and key != "training"})
        self._name = name

    def forward(self, *_: Any) -> Tensor:
        """Refuse.

        Raises:
            UsageError: Always.
        """
        raise UsageError(f"this file holds no {self._name}: ask the run itself, or export it with --whole.")


class _Reading(TorchFunctionMode):
    """Notes which of some tensors functions of torch are given."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.names = {id(tensor): name for name, tensor in tensors.items()}
        self.read: set[str] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for leaf in tree_leaves((args, kwargs)):
            if name := self.names.get(id(leaf)):
                self.read.add(name)
        return func(*args, **(kwargs or {}))


def drawing(model: GenerativeModel) -> list[str]:
    """Name the networks that sampling reads a tensor of, by drawing two samples."""
    tensors = dict(model.named_parameters()) | dict(model.named_buffers())
    with model.evaluating("export"), _Reading(tensors) as reading:
        model.sample(2)
    found = {name.partition(".")[0] for name in reading.read}
    return [name for name, _ in model.named_children() if name in found]


def write(model: GenerativeModel, cfg: DictConfig, networks: Sequence[str], out: Path) -> None:
    """Write some networks of a model, and its configuration.

    Args:
        model: As it is to be rebuilt, averaged weights in place.
        cfg: Its resolved configuration.
        networks: Those that are kept, by attribute name; tensors of the model itself always are.
        out: The file, whose folder exists.
    """
    known = {name for name, _ in model.named_children()}
    kept = {
        name: value
        for name, value in model.state_dict().items()
        if name.partition(".")[0] not in known or name.partition(".")[0] in networks
    }
    weights = {name: value.cpu().clone().contiguous() for name, value in kept.items() if isinstance(value, Tensor)}
    told = {name: value for name, value in kept.items() if not isinstance(value, Tensor)}
    plain = {key: value for key, value in OmegaConf.to_container(cfg).items() if key in REBUILDING}  # type: ignore[union-attr]
    metadata = {"config": json.dumps(plain), "networks": json.dumps(list(networks)), "state": json.dumps(told)}
    with replacing(out) as place:
        save_file(weights, place, metadata=metadata)


def stored_config(file: Path) -> DictConfig:
    """Give the configuration in a file: what rebuilds its model, and nothing of data.

    Raises:
        UsageError: It is no such file.
    """
    with _sound(file), safe_open(file, "pt") as opened:
        return _config(opened.metadata() or {}, file)


def read(file: Path, plugins: Sequence[str] = ()) -> GenerativeModel:
    """Rebuild the model of a file; networks that it does not hold refuse to be asked.

    Raises:
        UsageError: It is no such file.
    """
    with _sound(file):
        with safe_open(file, "pt") as opened:
            metadata = opened.metadata() or {}
            weights = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 (no dictionary)
        cfg = _config(metadata, file)
        networks, told = (json.loads(metadata[key]) for key in ("networks", "state"))
        if not isinstance(networks, list) or not isinstance(told, dict):
            raise ValueError("it does not name its networks, and what they keep beside tensors")
    cfg.plugins = list(allowed(plugins))
    model = build_model(cfg)
    model.forget_averages()
    with _sound(file):
        missing, unknown = model.load_state_dict({**weights, **told}, strict=False)
    absent = {name for name, _ in model.named_children()} - {*networks}
    lacking = [name for name in missing if name.partition(".")[0] not in absent]
    if unknown or lacking:
        raise UsageError(f"{file} holds other networks than its configuration has: {[*unknown, *lacking][0]} is amiss.")
    strip(model, networks)
    return model


def strip(model: GenerativeModel, networks: Sequence[str]) -> None:
    """Take all other networks than these out of a model."""
    for name, network in list(model.named_children()):
        if name not in networks and network is not model.averages and next(network.parameters(), None) is not None:
            setattr(model, name, Absent(name, network))


def _config(metadata: Mapping[str, str], file: Path) -> DictConfig:
    return complete(configured(shown(json.loads(metadata["config"])), file), file)


@contextmanager
def _sound(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        if isinstance(error, UsageError):
            raise
        reason = str(error).splitlines()[-1].strip()[:200]
        raise UsageError(f"{file} can't be read as a model that gen-models export has written: {reason}.") from error
