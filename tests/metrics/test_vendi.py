"""The Vendi score against its closed forms, and the way it ranks, though one file declares it."""

from math import exp, log

import pytest
import torch

from gen_models.metrics.extractors import DataSpace
from gen_models.metrics.features import Features
from gen_models.metrics.scorer import Scorer
from gen_models.metrics.vendi import vendi_score


def score(x):
    return vendi_score(Features(x), Features(torch.zeros(1, x.shape[1]))).value


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_n_equal_samples_count_as_one_and_n_orthogonal_ones_as_n(n):
    assert score(torch.randn(1, 50).expand(n, 50)) == pytest.approx(1, abs=1e-6)
    assert score(3 * torch.eye(50)[:n]) == pytest.approx(n)


def test_it_is_the_exponential_of_the_entropy_of_groups():
    assert score(torch.eye(4)[[0, 0, 0, 1]]) == pytest.approx(exp(-0.75 * log(0.75) - 0.25 * log(0.25)))


def test_two_samples_at_an_angle_are_between_one_and_two():
    cosine = 0.6  # eigenvalues (1 ± cosine) / 2
    values = [(1 + cosine) / 2, (1 - cosine) / 2]
    assert score(torch.tensor([[1.0, 0.0], [0.6, 0.8]])) == pytest.approx(exp(-sum(v * log(v) for v in values)))


def test_the_record_says_that_more_is_better(stored):
    data = stored(torch.eye(8).repeat(10, 1))
    scorer = Scorer(DataSpace(), ("vendi",), n=80)
    (varied,) = scorer.score(lambda n, y: torch.eye(8)[torch.arange(n) % 8], data, data, "eye")
    (collapsed,) = scorer.score(lambda n, y: torch.eye(8)[:1].expand(n, 8), data, data, "eye")
    assert varied.higher_is_better
    assert varied.value == pytest.approx(varied.real) == pytest.approx(8)
    assert collapsed.value == pytest.approx(1)
    assert varied.key == "vendi_score_data_space"
