"""Sound files as companded windows of 8 bits: what WaveNet reads of a sound."""

import importlib
import wave
from pathlib import Path

import numpy as np

from gen_models.errors import UsageError
from gen_models.media.audio import MU


class BadWave(UsageError):
    """One sound file that cannot be read faithfully; the message is the reason."""


def sound(path: Path, rate: int) -> np.ndarray:
    """Read a wave or FLAC file, mix its channels and bring it to `rate` samples a second.

    Args:
        path: The file.
        rate: No more than the file has.

    Returns:
        (T,) float64 in [-1, 1).

    Raises:
        BadWave: With the reason, if there is nothing to read, or not enough.
        UsageError: It is a FLAC file, and the package that reads them is missing.
    """
    samples, found = _flac(path) if path.suffix.lower() == ".flac" else _wave(path)
    if found < rate:
        raise BadWave(f"{found} samples a second are too few: set data.rate={found}")
    return resampled(samples.mean(1), rate / found)


def _wave(path: Path) -> tuple[np.ndarray, int]:
    """Read (T, channels) of 8 or 16 bits as numbers in [-1, 1), and the rate."""
    try:
        with wave.open(str(path), "rb") as file:
            header, content = file.getparams(), file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise BadWave(f"damaged or no wave file: {error or 'it ends too early'}") from error
    if len(content) != header.nframes * header.nchannels * header.sampwidth:
        raise BadWave("damaged: it ends too early")
    if header.sampwidth not in (1, 2):
        raise BadWave(f"{8 * header.sampwidth} bits a sample are not 8 or 16")
    # Eight bits are unsigned, sixteen are signed.
    unsigned = header.sampwidth == 1
    samples = np.frombuffer(content, "u1" if unsigned else "<i2").astype(np.float64)
    samples = (samples - 128) / 128 if unsigned else samples / 32768
    return samples.reshape(-1, header.nchannels), header.framerate


def _flac(path: Path) -> tuple[np.ndarray, int]:
    """Read (T, channels) as numbers in [-1, 1), and the rate."""
    try:
        soundfile = importlib.import_module("soundfile")
    except (ImportError, OSError) as error:  # the latter where its C library is missing
        raise UsageError("FLAC files need one more package: pip install soundfile") from error
    try:
        return soundfile.read(str(path), dtype="float64", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise BadWave(f"damaged or no FLAC file: {error}") from error


def resampled(x: np.ndarray, ratio: float) -> np.ndarray:
    """Resample (T,) samples by their spectrum below the new Nyquist frequency; `ratio` is at most 1."""
    count = round(len(x) * ratio)
    if not count:  # a file of a sample or two
        return x[:0]
    return x if count == len(x) else np.fft.irfft(np.fft.rfft(x)[: count // 2 + 1], count) * (count / len(x))


def windows(x: np.ndarray, length: int, silence: float) -> np.ndarray:
    """Cut (T,) into (N, length), dropping the rest and windows whose root mean square lies below `silence`."""
    cut = x[: len(x) // length * length].reshape(-1, length)
    return cut[np.sqrt(np.square(cut).mean(1)) >= silence]


def companded(x: np.ndarray) -> np.ndarray:
    """Compand [-1, 1] by the µ-law of ITU-T G.711 to 256 levels, closest around zero, in uint8."""
    x = np.clip(x, -1, 1)
    loudness = np.sign(x) * np.log1p(MU * np.abs(x)) / np.log1p(MU)
    return np.rint((loudness + 1) * 127.5).astype(np.uint8)
