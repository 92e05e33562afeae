"""Classes as people ask for them: by the names that the data have for them, or by number."""

from collections.abc import Sequence

import numpy as np
import torch
from omegaconf import DictConfig, OmegaConf
from torch import Tensor

from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError, nearest

Classes = int | str | Sequence[int] | Sequence[str] | Tensor | None
"""One class for all samples, or one for each, by number or by name."""


def class_names(cfg: DictConfig) -> list[str]:
    """Name the classes of the data that a run was made with, in the order of y."""
    return [str(name) for name in OmegaConf.select(cfg, "spec.class_names", default=None) or ()]


def wanted(model: GenerativeModel, n: int, y: Classes, names: Sequence[str]) -> Tensor | None:
    """Give the classes (n,) that are asked for; None where none is.

    Args:
        model: Is asked for them.
        n: Samples.
        y: One class for all, or n of them.
        names: Of the classes, in the order of their numbers.

    Raises:
        UsageError: The model was trained without classes, there is no such name, or they are not n.
    """
    if y is None:
        return None
    model.labels(1, torch.zeros(1, dtype=torch.long))  # which refuses a model without classes
    each = [y] * n if isinstance(y, int | np.integer | str) else list(y)
    if len(each) != n:
        raise UsageError(f"y has {len(each)} classes, and {n} samples are drawn: give one class, or {n}.")
    return torch.tensor([_number(one, names) if isinstance(one, str) else int(one) for one in each])


def _number(word: str, names: Sequence[str]) -> int:
    """The number of the class of that name; a word that names none may be a number itself."""
    if word in names:
        return names.index(word)
    if word.isdecimal():
        return int(word)
    raise UsageError(f"there is no class '{word}': {nearest(word, names)}")
