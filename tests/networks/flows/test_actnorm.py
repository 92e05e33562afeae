"""Actnorm's first batch (Kingma and Dhariwal 2018, section 3.1)."""

import torch

from gen_models.networks.flows.actnorm import ActNorm


def test_the_first_training_batch_is_normalised_and_no_other():
    norm = ActNorm(3)
    x = torch.randn(16, 3, 4, 4) * torch.tensor([0.1, 1.0, 5.0])[:, None, None] + 2
    norm.eval()
    assert torch.equal(norm(x)[0], x)  # evaluation is no first batch
    norm.train()
    z, log_det = norm(x)
    assert torch.allclose(z.mean((0, 2, 3)), torch.zeros(3), atol=1e-4)
    assert torch.allclose(z.var((0, 2, 3), unbiased=False), torch.ones(3), atol=1e-4)
    assert torch.allclose(log_det, -16 * x.std((0, 2, 3), unbiased=False).log().sum(), atol=1e-3)
    shift = norm.shift.clone()
    norm(x + 100)
    assert torch.equal(norm.shift, shift)


def test_a_resumed_one_has_had_its_first_batch():
    norm, resumed = ActNorm(2, sides=0), ActNorm(2, sides=0)
    norm(torch.randn(8, 2) + 3)
    resumed.load_state_dict(norm.state_dict())
    x = torch.randn(8, 2) - 3
    assert torch.equal(resumed(x)[0], norm(x)[0])
    assert torch.equal(resumed.shift, norm.shift)
