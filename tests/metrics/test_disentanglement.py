"""Codes made by hand, whose scores are known."""

import pytest
import torch

from gen_models.metrics.disentanglement import (
    class_accuracy,
    concentration,
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


BEST = {
    "mig": 1.0,
    "sap": 0.415,
    "disentanglement": 1.0,
    "completeness": 1.0,
    "informativeness": 1.0,
    "factor_vae": 1.0,
}
"""Of codes that are the factors; a line can't cut the middle values out, so SAP is lower."""
MIXED = torch.tensor([[1.0, 2.0, -1.0], [1.0, -1.5, 1.0], [1.0, 0.5, 2.0]])
LITTLE = torch.tensor([[1.0, 0.2, 0.0], [0.3, 1.0, 0.1], [0.0, 0.4, 1.0]])


@pytest.mark.parametrize(
    ("mixing", "sap", "factor_vae"), [(torch.eye(3), 0.415, 1.0), (MIXED, 0.0911111, 0.6874), (LITTLE, 0.2422222, 1.0)]
)
def test_scores_are_those_of_the_library_of_their_names(mixing, sap, factor_vae):
    # source: google-research/disentanglement_lib disentanglement_lib/evaluation/metrics/{sap_score,factor_vae}.py
    codes = FACTORS.float() @ mixing
    assert separated_predictability(codes, FACTORS) == pytest.approx(sap, abs=1e-6)
    assert factor_vae_score(codes, FACTORS) == pytest.approx(factor_vae, abs=0.02)  # it draws its groups afresh


def test_importances_are_summed_up_as_in_the_library():
    # source: google-research/disentanglement_lib disentanglement_lib/evaluation/metrics/dci.py
    matters = torch.tensor([[0.7, 0.1, 0.2], [0.2, 0.6, 0.1], [0.1, 0.2, 0.5], [0.0, 0.1, 0.2]], dtype=torch.double)
    assert concentration(matters) == pytest.approx((0.24850811888, 0.25188428470), abs=1e-8)


@pytest.mark.parametrize("name", SCORES)
def test_codes_that_are_the_factors_score_the_most_in_any_order_and_with_idle_codes_beside_them(name):
    score = SCORES[name]
    codes = torch.cat([-2.0 * FACTORS[:, [2, 0, 1]], torch.zeros(1200, 1)], dim=1)
    assert score(codes, FACTORS) == pytest.approx(BEST[name], abs=0.01)
    mixed = FACTORS.float() @ MIXED
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


GUESSED = (1 / 3 + 1 / 4 + 1 / 5) / 3


@pytest.mark.parametrize(
    ("score", "guessed"), [("mig", 0.0), ("sap", 0.0), ("informativeness", GUESSED), ("factor_vae", 1 / 3)]
)
def test_noise_scores_what_guessing_does(score, guessed):
    assert SCORES[score](torch.randn(1200, 5), FACTORS) == pytest.approx(guessed, abs=0.1)


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
