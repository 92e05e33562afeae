"""Langevin chains draw from the density that they are told, and are part of a model's state."""

import math

import pytest
import torch

from gen_models.core.batch import Batch
from gen_models.families.parts.langevin import Langevin, ReplayBuffer, reflected, slope
from gen_models.families.parts.trajectory import last
from gen_models.run.build import build_data, build_model


def test_chains_come_to_the_density_of_a_quadratic_energy():
    torch.manual_seed(0)
    chain = Langevin(steps=400, step=1e-3)
    ends = chain(lambda x: x.square().sum(1) / (2 * 0.2**2), torch.rand(4000, 1) * 2 - 1)
    ends = last(ends)
    assert ends.std().item() == pytest.approx(0.2, rel=0.05)
    cold = Langevin(steps=400, step=1e-3, noise=0.5)(lambda x: x.square().sum(1) / 0.08, torch.zeros(4000, 1))
    cold = last(cold)
    assert cold.std().item() == pytest.approx(0.1, rel=0.05), "half of the noise is a quarter of the temperature"


def test_without_an_energy_they_stay_uniform_between_the_walls():
    torch.manual_seed(0)
    assert reflected(torch.tensor([1.25, -1.5, 3.5, 0.3])).tolist() == pytest.approx([0.75, -0.5, -0.5, 0.3])
    states = Langevin(steps=100, step=1e-2)(lambda x: 0 * x.sum(1), torch.rand(4000, 1) * 2 - 1)
    states = torch.stack(list(states))
    assert states.shape == (101, 4000, 1)
    assert states.abs().max() <= 1
    assert states[-1].std().item() == pytest.approx(1 / math.sqrt(3), rel=0.03)


def test_the_slope_of_an_energy_is_that_of_each_sample_alone():
    x = torch.randn(5, 3)
    torch.testing.assert_close(slope(lambda x: x.pow(3).sum(1), x), 3 * x.square())


def test_a_buffer_keeps_ends_where_chains_began_and_begins_some_anew():
    torch.manual_seed(0)
    buffer = ReplayBuffer(500, (2,), fresh=0.2)
    positions, begun = buffer.begin(400)
    assert len(positions.unique()) == 400
    kept = (begun == buffer.samples[positions]).all(1)
    assert kept.float().mean().item() == pytest.approx(0.8, abs=0.06)
    buffer.keep(positions, torch.zeros(400, 2))
    assert (buffer.samples == 0).all(1).sum() == 400
    assert set(buffer.state_dict()) == {"samples"}
    assert buffer.begin(1200)[1].shape == (1200, 2)


def test_the_gradient_is_that_of_data_less_that_of_chains(compose_job):
    cfg = compose_job("model=energy", "data=toy2d", "data.count=50", "data.test_count=10", "model.magnitude=0")
    build_data(cfg)
    model = build_model(cfg)
    x = torch.rand(8, 2) * 2 - 1
    before = model.chains.samples.clone()
    losses = model.losses(Batch(x, torch.zeros(8, dtype=torch.long), torch.arange(8)))
    moved = (model.chains.samples != before).any(1)
    assert moved.sum() == 8
    drawn = model.chains.samples[moved]
    y = torch.zeros(8, dtype=torch.long)
    expected = model.energies(x, y).mean() - model.energies(drawn, y).mean()
    assert losses["contrast"].item() == pytest.approx(expected.item(), abs=1e-5)
    assert not drawn.requires_grad
