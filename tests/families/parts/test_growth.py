"""When networks grow."""

import pytest
from hydra.utils import instantiate

from gen_models.families.parts.growth import Growth
from gen_models.networks.gan.progressive import ProgressiveCritic, ProgressiveGenerator


def test_stages_follow_from_the_images_seen():
    growth = Growth(fade=10, stabilise=20, batch_sizes=[8, 4])
    moments = {0: (0, 1), 19: (0, 1), 20: (1, 0), 25: (1, 0.5), 30: (1, 1), 49: (1, 1), 52: (2, 0.2), 60: (2, 1)}
    assert {images: growth.at(images, last=2) for images in moments} == moments
    assert growth.at(80, last=2) == growth.at(85, last=2) == growth.at(10**9, last=2) == (2, 1)
    assert [growth.batch_size(images, [8, 4, 2], last=1) for images in (19, 20, 90)] == [8, 4, 4]
    assert Growth(fade=0, stabilise=5).at(5, last=1) == (1, 1)
    for wrong in (0, [5, 0]):
        with pytest.raises(ValueError, match="at least one image"):
            Growth(fade=5, stabilise=wrong)


def test_each_stage_may_have_a_length_of_its_own():
    growth = Growth(fade=[99, 10, 4], stabilise=[30, 10, 4])
    moments = {0: (0, 1), 29: (0, 1), 30: (1, 0), 35: (1, 0.5), 49: (1, 1), 50: (2, 0), 57: (2, 1), 59: (3, 0.25)}
    assert {images: growth.at(images, last=3) for images in moments} == moments


def test_progressive_infogan_grows_as_published(compose_job):
    """max(384,000 / batch, 6,000) turns a stage, twice as many at 128 pixels: train.py, exp_consistency_300.py."""
    cfg = compose_job("experiment=progressive_infogan/celeba_hq_128", "data=digits")
    growth, turns = instantiate(cfg.model.growth), {128: 6_000, 64: 6_000, 32: 12_000, 16: 24_000, 6: 128_000}
    images = 0
    for stage, batch in enumerate(cfg.model.growth.batch_sizes):
        assert growth.at(images, last=5) == (stage, 0.0 if stage else 1.0)
        assert growth.at(images + turns[batch] * batch // 2, last=5) == (stage, 1.0)  # the first half fades in
        images += turns[batch] * batch
    assert images == cfg.images


def test_it_says_when_a_block_comes_and_when_it_is_all_there():
    growth = Growth(fade=10, stabilise=20)
    pair = [ProgressiveGenerator([1, 8, 8], 2, 2), ProgressiveCritic([1, 8, 8], 2)]
    growth.act(0, pair)
    changed = [images for images in range(1, 99) if growth.act(images, pair)]
    assert changed == [20, 30]
    again = Growth(fade=10, stabilise=20, restart=False)
    assert not any(again.act(images, pair) for images in range(99))
    assert [(network.stage, network.alpha) for network in pair] == [(1, 1)] * 2
