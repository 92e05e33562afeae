"""Blocks of denoising U-Nets: residual convolutions told the noise level, and attention over positions."""

from torch import Tensor, nn
from torch.nn.functional import silu

from gen_models.networks.denoisers.style import Style
from gen_models.networks.layers.dropout import Dropout
from gen_models.networks.layers.former import once_named
from gen_models.networks.layers.group_norm import largest_divisor
from gen_models.networks.layers.weights import silenced
from gen_models.networks.transformer.attention import attended


class DenoisingBlock(nn.Module):
    """Residual block told the noise level: normalisation, SiLU and 3x3 convolution, twice; the last one starts at zero.

    Ho et al. (2020), https://arxiv.org/abs/2006.11239; with scale and shift, and halving or doubling within, Dhariwal
    and Nichol (2021), https://arxiv.org/abs/2105.05233.

    Args:
        style: Of the network.
        inputs: Channels of the map that comes in.
        outputs: Channels of the result.
        embedded: Size of the embedding of the noise level.
        dropout: Share of the last convolution's inputs that is dropped.
        resample: Halves or doubles both ways; None keeps the size.
        attends: Let positions attend to each other afterwards.
    """

    def __init__(
        self,
        style: Style,
        inputs: int,
        outputs: int,
        embedded: int,
        dropout: float = 0.0,
        resample: nn.Module | None = None,
        attends: bool = False,
    ) -> None:
        super().__init__()
        self.scaled, self.gain = style.scaled, style.gain
        self.resample = resample or nn.Identity()
        self.norm_in = style.norm(inputs)
        self.conv_in = style.conv(inputs, outputs, 3)
        self.condition = style.told(embedded, outputs)
        self.norm_out = style.norm(outputs)
        self.dropout = Dropout(dropout)
        self.conv_out = silenced(style.conv(outputs, outputs, 3))
        passes = inputs == outputs and not (resample and style.projected)
        self.shortcut = nn.Identity() if passes else style.conv(inputs, outputs, 1)
        once_named(self, "past", "shortcut")
        self.attention = SpatialAttention(style, outputs) if attends else nn.Identity()

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """Give (B, outputs, H', W') for maps (B, inputs, H, W) and an embedding (B, embedded)."""
        found = self.conv_in(self.resample(silu(self.norm_in(x))))
        found = silu(self._told(found, self.condition(embedding)[:, :, None, None]))
        found = self.conv_out(self.dropout(found))
        return self.attention((self.shortcut(self.resample(x)) + found) * self.gain)

    def _told(self, x: Tensor, condition: Tensor) -> Tensor:
        if not self.scaled:
            return self.norm_out(x + condition)
        scale, shift = condition.chunk(2, dim=1)
        return self.norm_out(x) * (1 + scale) + shift


class SpatialAttention(nn.Module):
    """Residual self-attention over positions, whose last layer starts at zero.

    Ho et al. (2020), https://arxiv.org/abs/2006.11239; several heads of 64 channels, Dhariwal and Nichol (2021),
    https://arxiv.org/abs/2105.05233.

    Torch's fused attention has no forward-mode derivative: `torch.func.jvp` of a network with attention wants
    `torch.nn.attention.sdpa_kernel(SDPBackend.MATH)` around it.

    Args:
        style: Of the network.
        channels: Channels C of the map.
    """

    def __init__(self, style: Style, channels: int) -> None:
        super().__init__()
        self.gain = style.gain
        self.heads = largest_divisor(channels, channels // style.head) if style.head else 1
        self.norm = style.norm(channels)
        self.qkv = style.conv(channels, 3 * channels, 1, gain=style.attention_gain)
        self.out = silenced(style.conv(channels, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Give maps of the same shape (B, C, H, W)."""
        qkv = self.qkv(self.norm(x)).flatten(2).unflatten(1, (3, self.heads, -1))
        query, key, value = qkv.transpose(-1, -2).unbind(1)  # (B, heads, H·W, C/heads)
        found = attended(query, key, value)
        return (x + self.out(found.transpose(-1, -2).reshape(x.shape))) * self.gain
