import math

import pytest
import torch

from gen_models.analysis.spectra import decibels, radial_spectrum


def test_a_wave_is_found_at_its_frequency_with_its_power():
    side, cycles, amplitude = 16, 3, 0.8
    wave = amplitude * torch.cos(2 * math.pi * cycles * torch.arange(side) / side).expand(2, 1, side, side)
    spectrum = radial_spectrum(wave)
    frequencies = torch.fft.fftfreq(side) * side
    places = int(((frequencies[:, None] ** 2 + frequencies**2).sqrt().round() == cycles).sum())
    assert spectrum.shape == (side // 2 + 1,)
    assert spectrum[cycles] * places == pytest.approx(amplitude**2 / 2)
    assert spectrum.sum() == pytest.approx(float(spectrum[cycles]))


def test_ten_times_the_power_is_ten_decibels():
    power = torch.rand(9).double() + 0.1
    assert decibels(10 * power, power) == pytest.approx(10)
