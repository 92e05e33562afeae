"""Pairs of noise and data."""

import pytest
import torch

from gen_models.core.batch import Batch
from gen_models.core.player import Player
from gen_models.diffusion.couplings import IndependentCoupling, OptimalTransport


def batch_of(x, y=None):
    return Batch(x, torch.zeros(len(x), dtype=torch.long) if y is None else y, torch.arange(len(x)))


def distances(batch):
    return (batch.x - batch.noise).square().flatten(1).sum(1)


def test_optimal_transport_on_a_line_keeps_the_order():
    """In one dimension the best pairing is that of equal ranks."""
    torch.manual_seed(0)
    batch = OptimalTransport()(batch_of(torch.randn(50, 1)))
    assert torch.equal(batch.x[:, 0].argsort(), batch.noise[:, 0].argsort())


def test_it_permutes_the_noise_and_leaves_items_with_their_classes_alone():
    x, y = torch.randn(40, 2, 3), torch.arange(40) % 4
    torch.manual_seed(1)
    free = IndependentCoupling()(batch_of(x, y))
    torch.manual_seed(1)
    paired = OptimalTransport(within_classes=False)(batch_of(x, y))
    assert torch.equal(paired.x, x)
    assert torch.equal(paired.y, y)
    assert torch.equal(free.noise.flatten(1).sort(0).values, paired.noise.flatten(1).sort(0).values)
    assert distances(paired).sum() < distances(free).sum()


def test_each_class_keeps_the_noise_it_has_drawn():
    """Paired across classes, two far apart would each begin at a half of the noise, and none could be asked for."""
    y = torch.arange(200) % 2
    x = torch.where(y == 0, -5.0, 5.0)[:, None] + 0.1 * torch.randn(200, 1)
    within, across = (OptimalTransport(each)(batch_of(x, y)) for each in (True, False))
    assert across.noise[y == 0].max() < across.noise[y == 1].min()
    assert abs(within.noise[y == 0].mean()) < 0.4


def test_the_gain_in_many_dimensions_is_small():
    torch.manual_seed(0)
    x = torch.randn(64, 784)
    torch.manual_seed(1)
    free = distances(IndependentCoupling()(batch_of(x))).sum()
    torch.manual_seed(1)
    paired = distances(OptimalTransport()(batch_of(x))).sum()
    assert float(paired / free) == pytest.approx(0.917, abs=0.01)


def test_a_batch_is_cut_together_with_its_noise():
    batch = batch_of(torch.arange(6.0)[:, None])
    batch = batch._replace(noise=-batch.x)
    assert [part.noise.flatten().tolist() for part in batch.parts(2)] == [[0, -1, -2], [-3, -4, -5]]
    assert all(torch.equal(part.x, -part.noise) for part in batch.parts(3))
    assert [part.noise for part in batch_of(torch.ones(4, 1)).parts(2)] == [None, None]


def test_a_player_pairs_its_batch_before_it_is_cut():
    """Paired within parts, the gradient would depend on `accumulate`."""
    player = Player("flow", [], lambda batch: {}, before=OptimalTransport())
    x = torch.randn(32, 2)
    torch.manual_seed(0)
    (whole,) = player.parts(batch_of(x), 1)
    torch.manual_seed(0)
    parts = list(player.parts(batch_of(x), 4))
    assert torch.equal(torch.cat([part.noise for part in parts]), whole.noise)
    assert [len(part.x) for part in parts] == [8] * 4
