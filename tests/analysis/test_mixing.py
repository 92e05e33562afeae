"""Style mixing of a generator whose latent has a part for each scale."""

import pytest
import torch

from gen_models.analysis.mixing import mixtures, scales_of
from gen_models.analysis.sampling import blocks
from gen_models.analysis.steer import Steering
from gen_models.errors import UsageError
from gen_models.run.build import build_data, build_model


@pytest.fixture
def steering(compose_job):
    def built(*overrides):
        cfg = compose_job(*overrides)
        build_data(cfg)
        return Steering(build_model(cfg).eval())

    return built


def test_a_mixture_has_the_scales_of_both(steering):
    tall = steering("model=biggan", "network.generator.width=4")
    count = scales_of(tall.model)
    chunks = tall.model.generator.latent_chunks
    assert [part.stop - part.start for part in chunks] == [tall.model.latent_dim // count] * count
    y = torch.full((5,), 3)
    own = torch.cat(list(blocks(tall.model, 5, 7, y)))

    def mixed(*scales):
        return mixtures(tall, 2, 3, *scales, 7, y).unflatten(0, (3, 4))

    some, all_ = mixed(1, 1), mixed(1, count)
    for drawn in (some, all_):
        assert torch.equal(drawn[0, 1:], own[2:])
        assert torch.equal(drawn[1:, 0], own[:2])
        assert (drawn[0, 0] == 1).all()
    assert torch.allclose(all_[1:, 1:], own[2:].expand(2, -1, -1, -1, -1), atol=1e-5)
    assert not torch.allclose(some[1:, 1:], all_[1:, 1:], atol=1e-2)
    with pytest.raises(UsageError, match=f"has the scales 1 to {count}: take some of them"):
        mixed(1, count + 1)


def test_each_layer_of_stylegan2_is_a_scale(steering):
    styled = steering("model=stylegan2", "network.generator.base=64", "network.generator.limit=8")
    count = scales_of(styled.model)
    mixed = mixtures(styled, 1, 1, 1, count, 7).unflatten(0, (2, 2))
    assert torch.allclose(mixed[1, 1], mixed[0, 1], atol=1e-5)
    assert not torch.allclose(mixtures(styled, 1, 1, count, count, 7)[3], mixed[1, 1], atol=1e-2)


def test_one_latent_for_all_scales_is_refused(steering):
    flat = steering("model=sngan", "network=mlp")
    assert scales_of(flat.model) == 0
    with pytest.raises(UsageError, match="all scales of this model share a latent"):
        mixtures(flat, 2, 2, 1, 1)
