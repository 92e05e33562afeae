from types import SimpleNamespace

import pytest
import torch

from gen_models.augment.blitting import BGC, cut_out
from gen_models.core.schedules import Cosine
from gen_models.core.targets import attribute


@pytest.mark.parametrize("channels", [1, 3])
def test_without_probability_nothing_changes(channels):
    x = torch.rand(8, channels, 6, 6) * 2 - 1
    torch.testing.assert_close(BGC(p=0.0, cutout=1.0)(x), x, rtol=0, atol=1e-6)


def test_a_hole_has_half_the_sides_and_a_centre_within_the_picture():
    holes = cut_out(torch.ones(2000, 1, 16, 16), torch.tensor(1.0)) == 0
    sides = [holes.any(dim).sum(-1).flatten() for dim in (2, 3)]
    assert all(side.max() == 8 for side in sides)
    # a side is cut where the centre is within a quarter of the border: 1/2 · 1 + 1/2 · 3/4 of half the side
    assert holes.float().mean().item() == pytest.approx((7 / 8 / 2) ** 2, rel=0.05)


def test_each_change_has_its_share_of_the_probability():
    x = torch.full((1500, 1, 8, 8), 0.5)
    cut = BGC(p=0.5, colour=0.0, cutout=0.4)(x)
    assert (cut == 0).flatten(1).any(1).float().mean().item() == pytest.approx(0.2, abs=0.03)
    coloured = BGC(p=0.02, colour=0.0)(x)
    torch.testing.assert_close(coloured, x, rtol=0, atol=1e-5)  # geometry does not change a plain picture


def test_a_schedule_finds_its_probability():
    game = SimpleNamespace(augment=BGC(p=0.1))
    attribute(game, "augment.p").follow(Cosine(0.0, 0.55, 100, unit="images"), 50)
    assert game.augment.p == pytest.approx(0.275)
