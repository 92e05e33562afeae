"""The bits of noisy levels, in closed form and by quadrature."""

import math

import pytest
import torch

from gen_models.data.toys import Toy1D
from gen_models.experiments.theory.seven_bits import PUBLISHED, noise_entropy, popular, spacing

COMB = Toy1D("comb", noise=0.03)


def bits(source):
    """Differential entropy by the midpoint rule."""
    x = torch.linspace(-1.2, 1.2, 24001, dtype=torch.float64)[:, None]
    log = source.log_density(x)
    return float(-(log.exp() * log).sum() * 1e-4) / math.log(2)


def test_levels_with_noise_have_their_own_bits_and_the_noise_s():
    assert bits(COMB) == pytest.approx(3 + noise_entropy(0.03), abs=0.01)
    assert bits(COMB) - math.log2(spacing(COMB)) == pytest.approx(popular(0.03 / spacing(COMB), 3.0), abs=0.01)


def test_seven_bits_are_092_too_few_of_256_levels_and_the_fewer_the_less_noise():
    assert popular(PUBLISHED, 8.0) == pytest.approx(8 - 0.92, abs=0.005)
    assert popular(PUBLISHED / 2, 8.0) == popular(PUBLISHED, 8.0) - 1
    assert popular(PUBLISHED / 2**8, 8.0) < 0  # negative bits
