import pytest
import torch

from gen_models.augment.corruption import GaussianNoise, Masking, SaltAndPepper

GREY = torch.full((200, 3, 4, 4), 0.25)


def test_noise_has_its_deviation():
    assert (GaussianNoise(0.3)(GREY) - GREY).std().item() == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize("corruption", [Masking(0.25), SaltAndPepper(0.25)])
def test_exactly_a_share_of_each_sample_changes_and_it_is_another_one_in_each(corruption):
    spoilt = corruption(GREY)
    changed = (spoilt != GREY).flatten(1)
    assert (changed.sum(1) == 12).all()
    assert changed.float().mean(0).sub(0.25).abs().max() < 0.15  # every component is as likely as another
    white = (spoilt[spoilt != GREY] == 1).float().mean().item()
    assert white == pytest.approx(0.5 if isinstance(corruption, SaltAndPepper) else 0, abs=0.05)
    assert torch.isin(spoilt, torch.tensor([-1.0, 0.25, 1.0])).all()
