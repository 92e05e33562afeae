"""Audio: µ-law companded samples (1, T), spectrograms and wave files."""

import math
import wave
from io import BytesIO
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn.functional import pad

from gen_models.files import write_bytes

MU = 255
"""Of µ-law companding (ITU-T G.711): 8 bits."""
FRAME = 256
RANGE_DB = 80.0


@runtime_checkable
class Sounds(Protocol):
    """Audio data, which has a sampling rate."""

    rate: int
    """Samples a second."""


def expanded(x: Tensor) -> Tensor:
    """µ-law expansion: companded values in [-1, 1] to samples in [-1, 1], undoing `gen_models.data.waves.companded`."""
    return x.sign() * torch.expm1(x.abs() * math.log1p(MU)) / MU


def spectrograms(sounds: Tensor) -> Tensor:
    """Spectrograms of companded sounds: time to the right, frequency upwards, loudness as darkness.

    Args:
        sounds: (N, 1, T) in [-1, 1].

    Returns:
        (N, 1, FRAME / 2 + 1, 1 + T / hop) in [-1, 1]: white is silence, or 80 dB below full scale.
    """
    window = torch.hann_window(FRAME, device=sounds.device)
    samples = expanded(sounds.squeeze(1).float())
    spectrum = torch.stft(samples, FRAME, FRAME // 4, window=window, pad_mode="constant", return_complex=True)
    decibel = 20 * (spectrum.abs() * (2 / window.sum()) + 1e-9).log10()
    return (-1 - 2 * decibel / RANGE_DB).clamp(-1, 1).flip(1)[:, None]


def joined(sounds: Tensor, rate: int, pause: float = 0.1) -> Tensor:
    """Concatenate companded sounds (N, 1, T), `pause` seconds apart: samples (N · (T + pause · rate),)."""
    return pad(expanded(sounds.squeeze(1).float().cpu()), (0, round(pause * rate))).flatten()


def save_sound(samples: Tensor, rate: int, path: Path) -> None:
    """Write samples (T,) in [-1, 1] as a wave file of 16 bits, whole."""
    with wave.open(content := BytesIO(), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).round().numpy().astype("<i2").tobytes())
    write_bytes(path, content.getvalue())
