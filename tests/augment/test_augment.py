"""What every augmentation promises, and what DiffAugment and FlipShift do in particular."""

import pytest
import torch

from gen_models.augment.adaptive import Adaptive
from gen_models.augment.diff_augment import DiffAugment
from gen_models.augment.flip_shift import FlipShift
from gen_models.augment.shift import Shift


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("augment", [DiffAugment(), Adaptive(p=0.8), FlipShift(), Shift(0.2)])
def test_every_sample_is_changed_in_its_own_way_and_gradients_come_through_twice(augment, channels):
    one = torch.rand(1, channels, 12, 8)
    x = one.repeat(32, 1, 1, 1).requires_grad_()
    changed = augment(x)
    assert changed.shape == x.shape
    assert len(changed.detach().flatten(1).unique(dim=0)) > 10
    (gradient,) = torch.autograd.grad(changed.square().sum(), x, create_graph=True)
    assert (gradient.flatten(1).norm(dim=1) > 0).all()
    gradient.square().sum().backward()
    assert x.grad.abs().sum() > 0


def test_cutout_blanks_half_the_sides_at_most_and_a_quarter_at_least():
    kept = DiffAugment(["cutout"])(torch.ones(200, 1, 8, 16))
    blank = (kept == 0).flatten(1).sum(1)
    assert blank.max() == 4 * 8
    assert blank.min() == 2 * 4


def test_shares_of_a_side_are_rounded_as_the_authors_round_them():
    """An eighth of 28 pixels are 4, and half of 9 are 5 (mit-han-lab/data-efficient-gans, DiffAugment_pytorch.py)."""
    x = torch.zeros(500, 1, 28, 28)
    x[:, :, 14, 14] = 1
    *_, row, column = DiffAugment(["translation"])(x).nonzero().T
    assert row.unique().tolist() == column.unique().tolist() == list(range(10, 19))
    assert (DiffAugment(["cutout"])(torch.ones(200, 1, 9, 9)) == 0).flatten(1).sum(1).max() == 5 * 5


def test_colour_keeps_grey_images_relations_and_greys_out_colour():
    x = torch.rand(64, 3, 4, 4)
    spread = [(image - image.mean(1, keepdim=True)).flatten(1).norm(dim=1) for image in (x, DiffAugment(["color"])(x))]
    ratio = spread[1] / spread[0]
    assert ratio.min() < 0.3
    assert 1.5 < ratio.max() < 3
    grey = torch.rand(64, 1, 4, 4)
    ratio = DiffAugment(["color"])(grey).flatten(1).std(1) / grey.flatten(1).std(1)
    assert 0.5 <= ratio.min() < 0.6
    assert 1.4 < ratio.max() <= 1.5


def test_an_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="color, translation, cutout, not colour"):
        DiffAugment(["colour"])


def test_shifts_are_even_within_their_limit_and_repeat_the_border():
    ramp = torch.arange(20.0).expand(500, 1, 10, 20)
    moved = Shift(0.1)(ramp) - ramp
    middle = moved[:, 0, :, 4:16]  # where a ramp is raised by the shift itself
    assert torch.allclose(middle, middle[:, :1, :1].expand_as(middle), atol=1e-4)
    assert 1.9 < middle.abs().max() <= 2.0
    assert middle[:, 0, 0].std().item() == pytest.approx(4 / 12**0.5, rel=0.1)
    assert (Shift(0.1)(ramp).amax((1, 2, 3)) <= 19).all()
    assert torch.equal(Shift(0.0)(ramp), ramp)
