"""StyleGAN2's layers: filtered and modulated convolutions, the mapping of latents to styles.

Karras et al. (2020), Analyzing and improving the image quality of StyleGAN, https://arxiv.org/abs/1912.04958.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, leaky_relu, linear, one_hot

from gen_models.networks.gan.equalised import EPSILON, PixelNorm
from gen_models.networks.layers.conditioning import required
from gen_models.networks.layers.resampling import Filter, Halve

FILTER = (1, 3, 3, 1)
GAIN = math.sqrt(2)
HALF = math.sqrt(0.5)
"""Factor on both ways of a residual block, which keeps the variance of their sum."""


def activated(x: Tensor) -> Tensor:
    """Leaky ReLU that keeps the second moment."""
    return GAIN * leaky_relu(x, 0.2)


class StyleLinear(nn.Module):
    """Linear layer with an equalised learning rate, and that rate as a factor (ProGAN, section 4.1).

    Karras et al. (2019), StyleGAN, appendix C, https://arxiv.org/abs/1812.04948, takes a rate of 0.01 for the mapping.

    Args:
        inputs: Size of the input.
        outputs: Size of the output.
        rate: Factor on the learning rate.
        start: Of the biases.
    """

    def __init__(self, inputs: int, outputs: int, rate: float = 1.0, start: float = 0.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), start))
        self.scale, self.rate = rate / math.sqrt(inputs), rate

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, outputs)."""
        return linear(x, self.scale * self.weight, self.rate * self.bias)


class StyleConv(nn.Module):
    """Convolution with an equalised learning rate, which keeps the side, or halves it after a low-pass filter.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        kernel: Side of the kernel, 1 or 3.
        down: Halve the side.
        bias: Have one.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, down: bool = False, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.scale = 1 / math.sqrt(inputs * kernel**2)
        self.stride, self.padding = (2, 0) if down and kernel > 1 else (1, kernel // 2)
        self.before: nn.Module = nn.Identity()
        if down:
            self.before = Halve(FILTER) if kernel == 1 else Filter(FILTER, padding=2)

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, outputs, H, W), or of half the side."""
        return conv2d(self.before(x), self.scale * self.weight, self.bias, self.stride, self.padding)


class ModulatedConv(nn.Module):
    """Modulated convolution: a style scales the input channels, and demodulation the output back to unit variance.

    Section 2.2, equations 1 and 3.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        kernel: Side of the kernel, 1 or 3.
        styles: Size of a style's vector.
        up: Double the side, with a low-pass filter after it.
        demodulate: Divide by the standard deviation that unit inputs would get.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, styles: int, up: bool = False, demodulate: bool = True
    ) -> None:
        super().__init__()
        self.affine = StyleLinear(styles, inputs, start=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.up, self.demodulate, self.padding = up, demodulate, kernel // 2
        self.scale = 1.0 if demodulate else 1 / math.sqrt(inputs * kernel**2)
        self.after = Filter(FILTER, padding=1, gain=4.0) if up else nn.Identity()

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Give (B, outputs, H, W), or of twice the side, for maps (B, inputs, H, W) and styles (B, styles)."""
        scales = self.scale * self.affine(w)
        x = x * scales[:, :, None, None]
        if self.up:
            x = self.after(conv_transpose2d(x, self.weight.transpose(0, 1), stride=2))
        else:
            x = conv2d(x, self.weight, padding=self.padding)
        if not self.demodulate:
            return x
        variance = scales.square() @ self.weight.square().sum((2, 3)).T
        return x * (variance + EPSILON).rsqrt()[:, :, None, None]


class StyleMapping(nn.Module):
    """Mapping network: normalised latents, and embeddings of classes, to styles w, with a moving mean of these.

    Args:
        latent_dim: Size of a latent; 0 where only the class counts.
        size: Of a style.
        depth: Layers.
        classes: Classes that are embedded; 0 for none.
        decay: Weight of the past in the mean w̄ when a batch comes in training.
    """

    mean: Tensor

    def __init__(self, latent_dim: int, size: int, depth: int, classes: int = 0, decay: float = 0.995) -> None:
        super().__init__()
        self.classes, self.decay, self.norm = classes, decay, PixelNorm()
        self.embed = StyleLinear(classes, size) if classes else None
        sizes = [latent_dim + (size if classes else 0), *[size] * depth]
        self.layers = nn.ModuleList(StyleLinear(*pair, rate=0.01) for pair in zip(sizes, sizes[1:], strict=False))
        self.register_buffer("mean", torch.zeros(size))

    def forward(self, z: Tensor | None, y: Tensor | None = None) -> Tensor:
        """Give styles (B, size) of latents (B, latent_dim) and classes (B,), in float32 as its authors' code does."""
        with torch.autocast(self.mean.device.type, enabled=False):
            parts = [] if z is None else [self.norm(z)]
            if self.embed is not None:
                parts.append(self.norm(self.embed(one_hot(required(y), self.classes).float())))
            w = torch.cat(parts, dim=1)
            for layer in self.layers:
                w = activated(layer(w))
            return w

    @torch.no_grad()
    def observe(self, w: Tensor) -> None:
        """Let the mean follow styles (B, size)."""
        self.mean.lerp_(w.mean(0), 1 - self.decay)
