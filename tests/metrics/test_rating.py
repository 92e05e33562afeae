import torch

from gen_models.metrics.rating import ELO, rate


def test_it_recovers_the_strengths_that_made_the_shares():
    generators, critics = torch.tensor([1.0, 0.0, -1.0, 2.5]).double(), torch.tensor([0.5, 2.0, -0.5]).double()
    shares = (generators[:, None] - critics).sigmoid()
    met = ~torch.eye(4, 3, dtype=torch.bool)
    found = rate(shares, met, n=10**6)
    assert torch.allclose(found.judged, ELO * generators, atol=1)
    assert torch.allclose(found.judges, ELO * critics, atol=1)
    assert 0 < found.judged_error.min() <= found.judged_error.max() < 2
    rough = rate(shares, met, n=10**4)
    assert torch.allclose(rough.judged_error, 10 * found.judged_error, rtol=0.05)


def test_all_and_none_have_finite_ratings():
    found = rate(torch.tensor([[0.0, 1.0], [0.0, 1.0], [1.0, 1.0]]), ~torch.eye(3, 2, dtype=torch.bool), n=100)
    assert all(values.isfinite().all() for values in found)
    assert found.judged[0] > found.judged[1]
