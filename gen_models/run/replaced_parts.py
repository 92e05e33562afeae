"""A part that is written whole takes the place of the one that was there, where it is of another class.

Hydra would mix them: `model.start={_target_: gen_models.latents.Principal}` would keep the options of the class before.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf, open_dict

TARGET, PARTIAL = "_target_", "_partial_"

_hydras = ConfigLoaderImpl._apply_overrides_to_config


def take_places() -> None:
    """Let parts take places whenever this process composes; a sweep composes each job anew, on a cluster in its own."""
    ConfigLoaderImpl._apply_overrides_to_config = staticmethod(_applied)  # type: ignore[method-assign]


@contextmanager
def taking_places() -> Iterator[None]:
    """Let them do so for a while, in a process that may have other uses of Hydra."""
    before = ConfigLoaderImpl._apply_overrides_to_config
    take_places()
    try:
        yield
    finally:
        ConfigLoaderImpl._apply_overrides_to_config = staticmethod(before)  # type: ignore[method-assign]


def _applied(overrides: Sequence[Override], cfg: DictConfig) -> None:
    for override in overrides:
        if not override.is_delete():
            _make_way(override, cfg)
        _hydras([override], cfg)


def _make_way(override: Override, cfg: DictConfig) -> None:
    """Put what is written in place of a part of another class; that an optimizer is built later (partial) stays so."""
    value = override.value()
    if not isinstance(value, dict) or TARGET not in value:
        return
    path, _, name = override.key_or_group.rpartition(".")
    parent = OmegaConf.select(cfg, path, throw_on_missing=False) if path else cfg
    node = parent._get_node(name, validate_access=False) if isinstance(parent, DictConfig) else None
    if isinstance(node, DictConfig) and TARGET in node and node[TARGET] != value[TARGET]:
        with open_dict(parent):
            parent[name] = {key: node[key] for key in (PARTIAL,) if key in node} | value
