import pytest
import torch

from gen_models.metrics import critic
from gen_models.metrics.critic import classifier_test

CPU = torch.device("cpu")


@pytest.mark.slow
def test_it_keeps_its_level_on_equal_samples(monkeypatch):
    monkeypatch.setattr(critic, "TURNS", 30)
    torch.manual_seed(0)
    found = [classifier_test(torch.randn(100, 2), torch.randn(100, 2), CPU, seed) for seed in range(40)]
    p = torch.tensor([each.p for each in found])
    assert (p < 0.05).sum() <= 6  # 2 expected; more than 6 happen once in 200 times
    assert 0.35 < p.mean() < 0.65
    assert {each.n for each in found} == {100}


def test_it_finds_a_difference_as_well_as_can_be():
    torch.manual_seed(0)
    found = classifier_test(torch.randn(1000, 1), torch.randn(1000, 1) + 3, CPU)
    assert abs(found.accuracy - 0.933) < 0.03  # Φ(3 / 2)
    assert found.p < 1e-6
