"""Forward derivatives (Jacobian-vector products) of tensors without memory, as MeanFlow's losses take them."""

from typing import Any

from torch import Tensor
from torch.autograd import forward_ad
from torch.nn.functional import group_norm, layer_norm
from torch.overrides import TorchFunctionMode

NORMS = (group_norm, layer_norm)


class ForwardNorms(TorchFunctionMode):
    """Normalisations whose weights are applied apart, where a forward derivative is taken.

    Torch's own formula puts the derivative of a fake tensor on another device than the tensor, where there are weights.
    """

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Do as told, but for such a normalisation."""
        kwargs = dict(kwargs or {})
        if func not in NORMS or forward_ad._current_level < 0:
            return func(*args, **kwargs)
        weight, bias = kwargs.pop("weight", None), kwargs.pop("bias", None)
        normed = func(*args, **kwargs)
        return normed if weight is None else normed * _beside(weight, normed, func) + _beside(bias, normed, func)


def _beside(weight: Tensor, x: Tensor, norm: Any) -> Tensor:
    """Give the weights (C,) of group normalisation beside maps (B, C, …); those of the last axes stay."""
    return weight.view(-1, *(1,) * (x.ndim - 2)) if norm is group_norm else weight
