"""Codes made by hand, whose scores are known."""

import pytest
import torch

from gen_models.metrics.disentanglement import (
    class_accuracy,
    dci,
    factor_vae_score,
    mutual_information_gap,
    separated_predictability,
)

FACTORS = torch.stack(torch.meshgrid(torch.arange(3), torch.arange(4), torch.arange(5), indexing="ij"), -1).view(-1, 3)
FACTORS = FACTORS.repeat(20, 1)[torch.randperm(1200, generator=torch.Generator().manual_seed(0))]
SCORES = {
    "mig": mutual_information_gap,
    "sap": separated_predictability,
    "disentanglement": lambda codes, factors: dci(codes, factors).disentanglement,
    "completeness": lambda codes, factors: dci(codes, factors).completeness,
    "informativeness": lambda codes, factors: dci(codes, factors).informativeness,
    "factor_vae": factor_vae_score,
}


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
def test_codes_that_are_the_factors_score_one_in_any_order_and_with_idle_codes_beside_them(score):
    codes = torch.cat([-2.0 * FACTORS[:, [2, 0, 1]], torch.zeros(1200, 1)], dim=1)
    assert score(codes, FACTORS) == pytest.approx(1, abs=0.01)
    mixed = FACTORS.float() @ torch.tensor([[1.0, 2.0, -1.0], [1.0, -1.5, 1.0], [1.0, 0.5, 2.0]])
    torch.manual_seed(0)
    straight = score(mixed, FACTORS)
    torch.manual_seed(0)
    assert score(mixed[:, [1, 2, 0]], FACTORS) == pytest.approx(straight, abs=0.05)


@pytest.mark.parametrize(
    ("score", "most"), [("mig", 0.2), ("sap", 0.3), ("disentanglement", 0.5), ("completeness", 0.5)]
)
def test_mixed_codes_score_low_though_they_tell_all(score, most):
    mixed = FACTORS.float() @ torch.tensor([[1.0, 1.01, 0.99], [1.0, -0.98, 1.02], [1.0, 1.03, -1.01]])
    assert SCORES[score](mixed, FACTORS) < most
    assert dci(mixed, FACTORS).informativeness > 0.5


@pytest.mark.parametrize("score", [*SCORES][:2] + [*SCORES][4:])
def test_noise_scores_nothing(score):
    assert abs(SCORES[score](torch.randn(1200, 5), FACTORS)) < 0.1


def test_a_factor_in_two_codes_has_no_gap_but_stays_disentangled():
    codes = torch.cat([FACTORS, FACTORS], dim=1).float()
    assert mutual_information_gap(codes, FACTORS) == pytest.approx(0, abs=1e-6)
    assert separated_predictability(codes, FACTORS) == pytest.approx(0, abs=1e-6)
    assert dci(codes, FACTORS).disentanglement > 0.99
    assert dci(codes, FACTORS).completeness < 0.9


def test_clusters_are_matched_to_classes_one_to_one():
    y = torch.arange(4).repeat(25)
    assert class_accuracy((y + 1) % 4, y) == 1
    assert class_accuracy(y // 2, y) == 0.5
    assert class_accuracy(y + 4 * (torch.arange(100) % 5 == 0), y) == pytest.approx(0.8)
