"""Packing: a critic of several samples at once."""

from functools import partial

import pytest
import torch

from gen_models.networks.critics.heads import Critic
from gen_models.networks.critics.packed import PackedBody
from gen_models.networks.gan.maxout import MaxoutBody
from gen_models.networks.layers.across_batch import looks_across_batch
from gen_models.networks.mlp import MLPBody, MLPGenerator


def test_samples_of_a_pack_share_features_of_all_of_them():
    body = PackedBody(partial(MLPBody, hidden=(5,)), (2,), pack=2)
    x = torch.randn(6, 2)
    torch.testing.assert_close(body(x)[2:4], body.body(x[2:4].view(1, 4)).expand(2, -1))
    moved = torch.cat([x[:2], x[2:] + 1])
    assert torch.equal(body(moved)[:2], body(x)[:2])
    assert (body(moved)[2:] != body(x)[2:]).any(1).all()


def test_pictures_lie_side_by_side_in_the_channels_and_the_last_pack_begins_anew():
    body = PackedBody(partial(MLPBody, hidden=(5,)), (1, 4, 4), pack=3)
    x = torch.randn(4, 1, 4, 4)
    last = body.body(x[[3, 0, 1]].view(1, 3, 4, 4))
    torch.testing.assert_close(body(x)[3:], last)


def test_packs_of_one_are_the_body_itself():
    body = PackedBody(partial(MLPBody, hidden=(5,)), (2,), pack=1)
    x = torch.randn(3, 2)
    assert torch.equal(body(x), body.body(x))


def test_a_packed_critic_judges_real_and_generated_samples_apart():
    assert looks_across_batch(Critic(PackedBody(partial(MLPBody, hidden=(5,)), (2,))))


@pytest.mark.parametrize("pack", [1, 2, 3, 4])
def test_networks_for_points_have_the_authors_sizes(pack):
    """Source: fjxmlzn/PacGAN synthetic_data_experiments/2DRing_GAN&PacGAN, config.py and pacgan_task.py."""
    make = partial(MaxoutBody, units=(200, 200, 200), pieces=5, input_dropout=0.0, dropout=0.0, reach=0.0346)
    critic = Critic(PackedBody(make, (2,), pack))
    inputs = 2 * pack
    assert sum(p.numel() for p in critic.parameters()) == (inputs + 1) * 1000 + 2 * 201 * 1000 + 201
    weights = critic.body.body.layers[3].linear.weight
    assert weights.std().item() == pytest.approx(0.02, rel=0.02)
    generator = MLPGenerator((2,), 2, (400, 400, 400, 400), bounded=False, slope=0, batch_norm=True)
    assert sum(p.numel() for p in generator.parameters()) == 2 * 400 + 3 * 400 * 400 + 4 * 2 * 400 + 401 * 2
