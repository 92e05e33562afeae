import pytest
import torch

from gen_models.augment.degradation import Holes, Noise, Small


def test_degradations_lose_what_they_say():
    torch.manual_seed(0)
    x = torch.rand(1, 3, 64, 64) * 1.2 - 0.6
    noise, holes = Noise(25), Holes(0.3)
    assert (noise.degrade(x) - x).std().item() == pytest.approx(25 / 127.5, rel=0.03)
    assert torch.equal(noise(x), x)
    observed = holes.degrade(x)
    lost = (observed == -1).all(1)
    assert lost.float().mean().item() == pytest.approx(0.3, abs=0.03)
    assert torch.equal(observed, holes(x))
    assert torch.allclose(observed[:, :, ~lost[0]], x[:, :, ~lost[0]], atol=1e-6)
    assert Small(4)(x).shape == (1, 3, 16, 16)
    assert Small(4).shown(Small(4).degrade(x)).shape == x.shape
