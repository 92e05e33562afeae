"""The critic of patches: the authors' weights and numbers, what a logit sees, and what fits into small pictures."""

import pytest
import torch

from gen_models.networks.critics.patch import PatchCritic
from tests.waves import digest, fill, waves


def test_the_published_critic_has_the_authors_weights():
    """source: CompVis/taming-transformers 3ba01b2 taming/modules/discriminator/model.py, 3 channels, 64, 3 layers."""
    assert sum(p.numel() for p in PatchCritic((3, 256, 256)).parameters()) == 2_765_633


def test_it_computes_what_the_authors_do():
    """source: as above; 8 wide, 2 layers, in evaluation mode."""
    critic = PatchCritic((3, 16, 16), width=8, layers=2).eval()
    fill(critic)
    expected = (-0.1635893, 0.0293472, -0.2674930, -0.0948413, 0.1744189, 0.0124535)
    assert digest(critic(waves(2, 3, 16, 16))) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize(("layers", "side"), [(1, 16), (2, 34), (3, 70)])
def test_a_logit_sees_a_patch_of_the_published_size(layers, side):
    critic = PatchCritic((1, 128, 128), width=4, layers=layers).eval()
    x = torch.randn(1, 1, 128, 128, requires_grad=True)
    logits = critic(x)
    logits[0, logits.shape[1] // 2 + round(logits.shape[1] ** 0.5) // 2].backward()
    seen = x.grad[0, 0].abs() > 0
    assert (seen.any(0).sum().item(), seen.any(1).sum().item()) == (side, side)


def test_small_pictures_have_fewer_layers_and_the_smallest_are_refused():
    assert [PatchCritic((1, side, side), 4)(torch.randn(2, 1, side, side)).shape[1] for side in (8, 28)] == [4, 1]
    for shape in ((1, 5, 8), (2,)):
        with pytest.raises(ValueError, match="6 pixels a side at least"):
            PatchCritic(shape)
