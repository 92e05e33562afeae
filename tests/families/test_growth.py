"""When networks grow."""

import pytest

from gen_models.families.growth import Growth
from gen_models.networks.gan.progressive import ProgressiveCritic, ProgressiveGenerator


def test_stages_follow_from_the_images_seen():
    growth = Growth(fade=10, stabilise=20, batch_sizes=[8, 4])
    moments = {0: (0, 1), 19: (0, 1), 20: (1, 0), 25: (1, 0.5), 30: (1, 1), 49: (1, 1), 52: (2, 0.2), 60: (2, 1)}
    assert {images: growth.at(images, last=2) for images in moments} == moments
    assert growth.at(80, last=2) == growth.at(85, last=2) == growth.at(10**9, last=2) == (2, 1)
    assert [growth.batch_size(images, [8, 4, 2], last=1) for images in (19, 20, 90)] == [8, 4, 4]
    assert Growth(fade=0, stabilise=5).at(5, last=1) == (1, 1)
    with pytest.raises(ValueError, match="at least one image"):
        Growth(fade=5, stabilise=0)


def test_it_says_when_a_block_comes_and_when_it_is_all_there():
    growth = Growth(fade=10, stabilise=20)
    pair = [ProgressiveGenerator([1, 8, 8], 2, 2), ProgressiveCritic([1, 8, 8], 2)]
    growth.act(0, pair)
    changed = [images for images in range(1, 99) if growth.act(images, pair)]
    assert changed == [20, 30]
    assert [(network.stage, network.alpha) for network in pair] == [(1, 1)] * 2
