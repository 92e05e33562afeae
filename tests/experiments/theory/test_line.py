import math

import pytest
import torch

from gen_models.experiments.theory.affine import AffineGenerator
from gen_models.experiments.theory.line import WIDTH, cells, earth_mover, masses, masses_of_samples
from gen_models.experiments.theory.optimal import TotalVariation


def test_masses_are_those_of_the_density():
    table = masses(AffineGenerator(shift=0.2, scale=0.1))
    x = cells()[:, 0].double()
    assert table[x < 0.2].sum() == pytest.approx(0.5, abs=1e-3)
    assert (table * (x - 0.2).square()).sum() == pytest.approx(0.01, rel=1e-4)
    assert table.max() == pytest.approx(WIDTH / (0.1 * math.sqrt(2 * math.pi)), rel=1e-3)


def test_samples_estimate_the_same_masses():
    generator = AffineGenerator(shift=-0.3, scale=0.2)
    x = generator(torch.randn(100_000, 1, generator=torch.Generator().manual_seed(0))).detach()
    assert TotalVariation()(masses_of_samples(x), masses(generator)) < 0.03


def test_the_earth_mover_pays_for_the_shift_not_for_the_order():
    x = torch.randn(1000, 1, generator=torch.Generator().manual_seed(0))
    assert earth_mover(x, x.flip(0) + 0.25) == pytest.approx(0.25, abs=1e-6)
