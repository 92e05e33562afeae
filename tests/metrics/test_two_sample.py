import math

import pytest
import torch

from gen_models.losses.discrepancy import SCALES, kernel, median_square, mmd2_of_cuts
from gen_models.metrics.two_sample import two_sample_test


def test_the_unbiased_estimate_is_the_published_sum():
    x, y = torch.tensor([0.0, 1.0]).double(), torch.tensor([3.0, 4.5, 7.0]).double()
    pooled = torch.cat([x, y])
    distances = sorted(abs(a - b) for i, a in enumerate(pooled.tolist()) for b in pooled.tolist()[:i])
    width = distances[(len(distances) - 1) // 2]

    def k(a, b):
        return sum(math.exp(-((a - b) ** 2) / (2 * (scale * width) ** 2)) for scale in SCALES) / len(SCALES)

    def within(z):
        return sum(k(a, b) for i, a in enumerate(z) for j, b in enumerate(z) if i != j) / (len(z) * (len(z) - 1))

    x, y = x.tolist(), y.tolist()
    expected = within(x) + within(y) - 2 * sum(k(a, b) for a in x for b in y) / 6
    first = torch.tensor([[1.0, 1, 0, 0, 0], [0, 0, 1, 1, 1]]).double()
    points = pooled[:, None]
    estimates = mmd2_of_cuts(kernel(points, median_square(points)), first)
    assert estimates.tolist() == pytest.approx([expected, expected])


def test_p_is_uniform_without_a_difference_and_as_small_as_can_be_with_one():
    torch.manual_seed(0)
    same = torch.tensor([two_sample_test(torch.randn(25, 2), torch.randn(35, 2), 99).p for _ in range(60)])
    assert 0.4 < same.mean() < 0.6
    assert (same < 0.2).double().mean() < 0.35
    assert (same > 0.8).double().mean() < 0.35
    shifted = two_sample_test(torch.randn(50, 2), torch.randn(50, 2) + 1.5, 199)
    assert shifted.p == 1 / 200
    assert shifted.mmd2 > 0.1


def test_it_sees_a_variance_too():
    torch.manual_seed(0)
    assert two_sample_test(torch.randn(200, 3), 2 * torch.randn(200, 3), 99).p == 0.01
