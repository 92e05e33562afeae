"""Power at each spatial frequency: what upsampling gets wrong (Durall et al. 2020: Watch your up-convolution).

https://arxiv.org/abs/2003.01826
"""

import torch
from torch import Tensor

from gen_models.analysis.subject import Subject
from gen_models.errors import UsageError
from gen_models.media.plots import label, panels, rasterised
from gen_models.metrics.record import Record


def radial_spectrum(x: Tensor) -> Tensor:
    """Mean power of images (N, C, H, W) at the frequencies 0, 1, … cycles a side up to the shorter side's half.

    Power is averaged over images, channels and the directions of the plane; a wave of amplitude a has a² / 4 at each of
    its two places.
    """
    height, width = x.shape[-2:]
    power = (torch.fft.fft2(x.double()).abs() / (height * width)).square().mean((0, 1))
    down, across = (torch.fft.fftfreq(side) * min(height, width) for side in (height, width))
    ring = (down[:, None].square() + across.square()).sqrt().round().long()
    sums, counts = (torch.zeros(int(ring.max()) + 1, dtype=torch.double) for _ in range(2))
    sums.index_add_(0, ring.flatten(), power.flatten())
    counts.index_add_(0, ring.flatten(), torch.ones_like(power.flatten()))
    return (sums / counts.clamp_min(1))[: min(height, width) // 2 + 1]


def decibels(power: Tensor, other: Tensor) -> float:
    """Root mean square over frequencies of the ratio of two spectra, in dB."""
    tiny = torch.finfo(power.dtype).tiny
    return float((10 * ((power + tiny) / (other + tiny)).log10()).square().mean().sqrt())


def spectra(subject: Subject) -> tuple[Tensor, Record]:
    """Draw the spectra of held-out items and of samples, and measure how far apart they are.

    Raises:
        UsageError: The data are no images.
    """
    if not subject.images:
        raise UsageError("a spectrum is of images, and these data are none: choose data=avatars, or another.")
    held_out, training = (subject.real(subject.n, held_out=which)[0] for which in (True, False))
    real, own, other = map(radial_spectrum, (held_out, subject.samples, training))
    figure, (axes,) = panels(1, "Power over spatial frequency")
    axes.semilogy(real, "k:", label="held-out items")
    axes.semilogy(own, "C0-", label="samples")
    label(axes, "cycles a side", "mean power")
    record = Record(
        metric="spectral distance",
        value=decibels(own, real),
        higher_is_better=False,
        real=decibels(other, real),
        protocol=subject.protocol(unit="dB"),
    )
    return rasterised(figure), record
