"""Styles of denoising U-Nets: what sets the published ones apart, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeVar

from torch import nn

from gen_models.networks.layers.group_norm import ContiguousGroupNorm
from gen_models.networks.layers.weights import glorot, silenced

Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)
StyleName = Literal["ddpm", "iddpm", "cfm", "adm", "ddpm++", "ncsn++", "meanflow", "vdm", "md4"]


@dataclass(frozen=True)
class Style:
    """Style of a denoising U-Net.

    DDPM: Ho et al. (2020), https://arxiv.org/abs/2006.11239. iDDPM: Nichol and Dhariwal (2021),
    https://arxiv.org/abs/2102.09672. ADM: Dhariwal and Nichol (2021),
    https://arxiv.org/abs/2105.05233. DDPM++ and NCSN++: Song et al. (2021), https://arxiv.org/abs/2011.13456, as
    trained by Karras et al. (2022), https://arxiv.org/abs/2206.00364. MeanFlow: Geng et al. (2025),
    https://arxiv.org/abs/2505.13447, as in Gsunshine/py-meanflow. CFM: Tong et al. (2024),
    https://arxiv.org/abs/2302.00482, as in atong01/conditional-flow-matching, which takes `scale: 1`. VDM: Kingma
    et al. (2021), https://arxiv.org/abs/2107.00630, as in google-research/vdm; MD4: the same as in google-deepmind/md4.
    """

    scaled: bool = False
    """The embedding scales and shifts after the second normalisation; otherwise it is added before it."""
    residual: bool = True
    """Maps are halved and doubled within residual blocks; otherwise by a convolution."""
    projected: bool = False
    """The shortcut of such a block has a convolution."""
    taps: tuple[float, ...] = (1, 1)
    """Of the filter by which maps are halved and doubled."""
    gain: float = 1.0
    """Multiplies the sum of a block and of its shortcut."""
    head: int | None = None
    """Channels of an attention head; None for a single head."""
    attention_gain: float = 1.0
    """Of Glorot's weights for queries, keys and values."""
    sparse: bool = False
    """Of each resolution on the way up, only the last block attends."""
    fourier: bool = False
    """The noise level is told by random Fourier features, in place of sinusoids."""
    frequencies: int = 1
    """Of the noise level, as a multiple of the width."""
    endpoint: bool = False
    """The slowest sinusoid has the frequency 1/10,000 itself."""
    early: bool = False
    """The class is told before the embedding's layers, and not after them."""
    silent: bool = False
    """Blocks take the embedding by weights that start at zero, without a bias."""
    narrow: bool = False
    """The embedding has the width of the first map, and no activation."""
    pictures: bool = False
    """The noisy picture enters at every resolution on the way down."""
    xavier: bool = False
    """Weights start as Glorot's, biases at zero; otherwise as in torch."""
    eps: float = 1e-5
    """Is added to the variances."""

    def norm(self, channels: int) -> ContiguousGroupNorm:
        """Group normalisation."""
        return ContiguousGroupNorm(channels, self.eps)

    def conv(self, inputs: int, outputs: int, kernel: int, stride: int = 1, gain: float = 1.0) -> nn.Conv2d:
        """Convolution that keeps the size, or halves it; `gain` multiplies Glorot's weights."""
        return self._started(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2), gain)

    def embedded(self, width: int) -> int:
        """Size of the embedding of a network whose first map has so many channels."""
        return width if self.narrow else 4 * width

    def told(self, embedded: int, outputs: int) -> nn.Linear:
        """Layer by which a block takes the embedding: added, or as a scale and a shift."""
        if self.silent:
            return silenced(nn.Linear(embedded, outputs, bias=False))
        return self.linear(embedded, 2 * outputs if self.scaled else outputs)

    def linear(self, inputs: int, outputs: int, bias: bool = True) -> nn.Linear:
        """Fully connected layer."""
        return self._started(nn.Linear(inputs, outputs, bias))

    def _started(self, layer: Layer, gain: float = 1.0) -> Layer:
        if self.xavier:
            glorot(layer, gain)
        return layer


SONG = Style(
    projected=True,
    gain=0.5**0.5,
    attention_gain=0.2**0.5,
    sparse=True,
    endpoint=True,
    early=True,
    xavier=True,
    eps=1e-6,
)
"""Shared by the networks of Song et al., values as in NVlabs/edm, training/networks.py."""

VDM = Style(residual=False, endpoint=True, silent=True, xavier=True, eps=1e-6)

STYLES: Mapping[StyleName, Style] = MappingProxyType(
    {
        "ddpm": Style(residual=False, endpoint=True, xavier=True, eps=1e-6),  # tf.contrib.layers.group_norm's
        "iddpm": Style(scaled=True, residual=False, head=64),
        "cfm": Style(residual=False, head=64),
        "adm": Style(scaled=True, head=64),
        "ddpm++": SONG,
        "ncsn++": replace(SONG, taps=(1, 3, 3, 1), fourier=True, frequencies=2, pictures=True),
        "meanflow": replace(SONG, taps=(1, 3, 3, 1), frequencies=2),
        "vdm": VDM,
        "md4": replace(VDM, narrow=True),
    }
)
