import pytest
import torch
from torch import distributed as dist

from gen_models.augment.adaptive import Adaptive
from gen_models.augment.bgc import random_colours

SURE, UNSURE = torch.ones(50), torch.cat([torch.ones(39), -torch.ones(11)])  # mean signs 1 and 0.56


@pytest.mark.parametrize("channels", [1, 3])
def test_without_probability_nothing_changes(channels):
    x = torch.rand(8, channels, 6, 6) * 2 - 1
    torch.testing.assert_close(Adaptive(p=0.0)(x), x, rtol=0, atol=1e-6)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(Adaptive(p=0.0)(x), x, rtol=0, atol=1e-6)


def test_with_a_small_probability_most_samples_stay():
    x = torch.rand(2000, 1, 4, 4)
    changed = ((Adaptive(p=0.02)(x) - x).abs().flatten(1).max(1).values > 1e-5).float().mean()
    assert 0.1 < changed < 0.2  # 10 changes for grey images, some of which are neutral by chance


def test_colours_leave_the_grey_axis_grey_and_hue_keeps_saturation():
    grey = torch.rand(64, 1, 4, 4).expand(-1, 3, -1, -1)
    changed = random_colours(grey, torch.tensor(1.0))
    torch.testing.assert_close(changed, changed.mean(1, keepdim=True).expand(-1, 3, -1, -1), rtol=0, atol=1e-5)
    x = torch.rand(64, 3, 4, 4)
    spread = [(image - image.mean(1, keepdim=True)).norm(dim=1) for image in (x, random_colours(x, torch.tensor(1.0)))]
    ratio = (spread[1] / spread[0]).flatten(1)
    torch.testing.assert_close(ratio, ratio[:, :1].expand_as(ratio), rtol=1e-3, atol=0)


def test_the_probability_follows_the_sign_at_its_speed_and_stays_a_probability():
    augment = Adaptive(target=0.6, interval=2, kimg=1.0)
    for logits, times, p in (
        (SURE, 1, 0),
        (SURE, 1, 0.1),
        (SURE, 2, 0.2),
        (UNSURE, 2, 0.1),
        (UNSURE, 9, 0),
        (SURE, 40, 1),
    ):
        for _ in range(times):
            augment.observe(logits)
        assert augment.p.item() == pytest.approx(p, abs=1e-6)


def test_a_continued_run_adjusts_at_the_same_time():
    first, second = Adaptive(interval=3, kimg=1.0, p=0.5), Adaptive(interval=3, kimg=1.0)
    for _ in range(4):
        first.observe(SURE)
    second.load_state_dict(first.state_dict())
    for _ in range(2):
        second.observe(UNSURE)
    assert second.p.item() == pytest.approx(0.5 + 0.15 + 0.15)


def test_the_signs_of_all_ranks_count(monkeypatch):
    monkeypatch.setattr(dist, "is_initialized", lambda: True)
    monkeypatch.setattr(dist, "all_reduce", lambda counted: counted.add_(torch.tensor([-50.0, 50.0])))
    augment = Adaptive(interval=1, kimg=1.0, p=0.5)
    augment.observe(SURE)
    assert augment.p.item() == pytest.approx(0.4)


def test_wrong_images_are_refused():
    with pytest.raises(ValueError, match="not of 4"):
        Adaptive()(torch.zeros(1, 4, 4, 4))
