import math

import pytest
import torch

from gen_models.experiments.theory.affine import AffineGenerator


def test_the_density_is_that_of_the_samples():
    generator = AffineGenerator(shift=0.5, scale=0.1)
    x = generator(torch.tensor([[0.0], [2.0]]))
    assert torch.allclose(x, torch.tensor([[0.5], [0.7]]))
    expected = -math.log(0.1 * math.sqrt(2 * math.pi))
    assert generator.log_density(x).tolist() == pytest.approx([expected, expected - 2])
