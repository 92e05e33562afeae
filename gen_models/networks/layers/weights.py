"""How weights begin, and how they are kept in bounds."""

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

EPSILON = 1e-6
"""Guards the power iteration's normalisations (the value in the scripts of BigGAN's authors)."""


def glorot(layer: nn.Conv2d | nn.Linear, gain: float = 1.0) -> None:
    """Uniform weights that keep the variance (Glorot and Bengio 2010), and no bias."""
    nn.init.xavier_uniform_(layer.weight, gain)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def orthogonal(net: nn.Module) -> None:
    """Make the rows or columns of all weights orthonormal (Saxe et al. 2014); a kernel counts as one long row."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear | nn.Embedding):
            nn.init.orthogonal_(layer.weight)


def normalise_spectrally(net: nn.Module) -> None:
    """Divide each weight by its largest singular value (Miyato et al. 2018): one power iteration a training forward.

    Call it once the weights have their initial values. Embeddings stay as they are: in a generator they condition
    normalisations, which a bound would cripple.
    """
    for layer in list(net.modules()):
        if isinstance(layer, nn.Conv2d | nn.Linear):
            spectral_norm(layer, eps=EPSILON)
