"""Classes that networks are told, held against those of the data before the training."""

from collections.abc import Iterator

from omegaconf import DictConfig, OmegaConf
from torch import nn

from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError
from gen_models.networks.layers.conditioning import Conditional, PartlyTold
from gen_models.run.typed_names import TypedNames


def check_class_counts(cfg: DictConfig, model: GenerativeModel) -> None:
    """Refuse networks that are told another number of classes than the data have.

    Fewer have no place for a class that comes; more, or any where there are none, would be asked for and never learned.

    Args:
        cfg: The configuration, whose `spec` is known.
        model: What was built of it.

    Raises:
        UsageError: The first of these.
    """
    count, labels = cfg.spec.num_classes, cfg.spec.get("num_labels", 0)
    for name, network in _conditional(model, ""):
        if network.classes == count or isinstance(network, PartlyTold) and network.classes == labels:
            continue
        has = f"has {count}: set its classes to '${{spec.num_classes}}'" if count else "has none: set its classes to 0"
        hides = ", with data.labelled," if labels else ""
        stated = OmegaConf.select(cfg, f"model.{name}") is not None  # not so where a family makes it of several
        typed = TypedNames(cfg)[f"model.{name}"] if stated else f"the model's {name}"
        raise UsageError(f"{typed} is made for {network.classes} classes, and the data{hides} {has}.")


def _conditional(module: nn.Module, path: str) -> Iterator[tuple[str, Conditional]]:
    """The outermost networks that are told the class, with their paths; none of a space, perhaps another run's."""
    for name, child in module.named_children():
        if not isinstance(child, Conditional) or isinstance(child, GenerativeModel):
            if isinstance(module, GenerativeModel) or not isinstance(child, GenerativeModel):
                yield from _conditional(child, f"{path}{name}.")
        elif child.classes:
            yield f"{path}{name}", child
