"""Weight initialisation and spectral normalisation."""

import math
from typing import Literal, TypeVar

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)

Start = Literal["glorot", "orthogonal", "normal"]
"""How weights start: by Glorot, orthogonal, or from N(0, 0.02)."""

EPSILON = 1e-6
"""Guards the power iteration's normalisations (the value in the scripts of BigGAN's authors)."""


def glorot(layer: nn.Conv2d | nn.Linear, gain: float = 1.0) -> None:
    """Glorot (Xavier) initialisation: uniform weights that keep the variance, and no bias.

    Glorot and Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html.
    """
    nn.init.xavier_uniform_(layer.weight, gain)
    zero_bias(layer)


def linear(inputs: int, outputs: int, bias: bool = True) -> nn.Linear:
    """Fully connected layer with Glorot's weights, and biases of zero."""
    layer = nn.Linear(inputs, outputs, bias)
    glorot(layer)
    return layer


def uniformly(layer: nn.Linear, reach: float) -> None:
    """Uniform initialisation: weights in ± reach (pylearn2's `irange`), and no bias."""
    nn.init.uniform_(layer.weight, -reach, reach)
    zero_bias(layer)


def silenced(layer: Layer) -> Layer:
    """Zero initialisation: the layer gives zero at first."""
    nn.init.zeros_(layer.weight)
    zero_bias(layer)
    return layer


def orthogonal(net: nn.Module) -> None:
    """Orthogonal initialisation: orthonormal rows or columns of all weights; a kernel counts as one long row.

    Saxe et al. (2014), https://arxiv.org/abs/1312.6120.
    """
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear | nn.Embedding):
            nn.init.orthogonal_(layer.weight)


def normal_weight(layer: nn.Module, std: float) -> None:
    """Draw the weight of a linear layer or a convolution from N(0, std); leave other layers, and biases, alone."""
    if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(layer.weight, 0.0, std)


def normal_gain(layer: nn.Module, std: float) -> None:
    """Draw the gains of a batch normalisation from N(1, std); leave other layers alone."""
    if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
        nn.init.normal_(layer.weight, 1.0, std)


def zero_bias(layer: nn.Module) -> None:
    """Set the bias of a linear layer or a convolution, where it has one, to 0; leave other layers alone."""
    if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d) and layer.bias is not None:
        nn.init.zeros_(layer.bias)


def start_normally(net: nn.Module, std: float) -> None:
    """Normal initialisation: weights from N(0, std), batch normalisation's gains from N(1, std), and no bias."""
    for layer in net.modules():
        normal_weight(layer, std)
        normal_gain(layer, std)
        zero_bias(layer)


def start_anew(net: nn.Module, start: Start) -> None:
    """Draw the weights of layers and embeddings anew, where they are not to start by Glorot; leave biases alone."""
    if start == "orthogonal":
        orthogonal(net)
    elif start == "normal":
        for layer in net.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear | nn.Embedding):
                nn.init.normal_(layer.weight, 0.0, 0.02)


def start_by_glorot(net: nn.Module) -> None:
    """Glorot initialisation of all linear layers and convolutions, and no bias."""
    for layer in net.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            glorot(layer)


def truncated_normal(weight: Tensor, std: float) -> None:
    """Draw a weight from N(0, std) within two deviations, so that its own deviation is 0.88 std."""
    nn.init.trunc_normal_(weight, 0.0, std, -2 * std, 2 * std)


def start_truncated(net: nn.Module, std: float) -> None:
    """Truncated normal initialisation: weights, also of embeddings, by `truncated_normal`, and no bias."""
    for layer in net.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | nn.Embedding):
            truncated_normal(layer.weight, std)
        zero_bias(layer)


def start_as_sonnet(net: nn.Module) -> None:
    """Sonnet's initialisation of convolutions: weights by `truncated_normal` of 1 / √(inputs · kernel), and no bias.

    google-deepmind/sonnet, conv.py and conv_transpose.py.
    """
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            truncated_normal(layer.weight, 1 / math.sqrt(layer.in_channels * math.prod(layer.kernel_size)))
            zero_bias(layer)


def start_as_torch(net: nn.Module) -> None:
    """Torch's own initialisation of linear layers: weights and biases uniform within ± 1 / √inputs."""
    for layer in net.modules():
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()


def normalise_spectrally(net: nn.Module) -> None:
    """Spectral normalisation: divide each weight by its largest singular value, one power iteration a training forward.

    Miyato et al. (2018), https://arxiv.org/abs/1802.05957.

    Call it once the weights have their initial values. Embeddings stay as they are: in a generator they condition
    normalisations, which a bound would cripple.
    """
    for layer in list(net.modules()):
        if isinstance(layer, nn.Conv2d | nn.Linear):
            spectral_norm(layer, eps=EPSILON)
