"""Results that several figures of the same features need, kept as long as the features are."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

Result = TypeVar("Result")


def remembered(function: Callable[[Tensor], Result]) -> Callable[[Tensor], Result]:
    """Memoise a function of a tensor, by which tensor it is; a result is forgotten with its tensor."""
    results = WeakTensorKeyDictionary()

    @wraps(function)
    def once(x: Tensor) -> Result:
        if x not in results:
            results[x] = function(x)
        return results[x]

    return once


def remembered_pair(function: Callable[[Tensor, Tensor], Result]) -> Callable[[Tensor, Tensor], Result]:
    """Memoise a function of two tensors, by which tensors they are; a result is forgotten with either."""
    results = remembered(lambda first: WeakTensorKeyDictionary())

    @wraps(function)
    def once(first: Tensor, second: Tensor) -> Result:
        found = results(first)
        if second not in found:
            found[second] = function(first, second)
        return found[second]

    return once
