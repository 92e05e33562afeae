"""The very deep VAE as a model: its bound, its samples, its way of sampling."""

import pytest
import torch

from gen_models import load
from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.media.pixels import nearest_level, to_unit_range
from gen_models.run.build import build_data, build_model

SMALL = ["model=vdvae", "network.encoder.width=16", "network.decoder.latent=4", "network.decoder.blocks=[1,2,2,1]"]


@pytest.fixture
def small(compose_job):
    """Six layers of latents, some of which say something, and some digits."""
    cfg = compose_job(*SMALL)
    x, y = build_data(cfg).test.gather(range(50))
    model = build_model(cfg)
    with torch.no_grad():
        for level in model.decoder.levels:
            for block in level:
                block.prior.conv_out.weight.normal_(0, 0.2)
    return model, Batch(to_unit_range(x), y, torch.arange(50))


def test_the_bound_is_the_objective_and_more_draws_tighten_it(small):
    model, batch = small
    objective = 64 * torch.stack([sum(model.losses(batch).values()) for _ in range(30)])
    bounds = torch.stack([model.log_bound(batch.x).mean() for _ in range(30)])
    error = 5 * (objective.var() / 30 + bounds.var() / 30).sqrt()
    assert abs(objective.mean() + bounds.mean()) < error < 2
    assert model.log_bound(batch.x, draws=20).mean() > bounds.mean() + 0.5


def test_the_sample_is_the_end_of_a_trajectory_of_its_sides(small):
    model, _ = small
    torch.manual_seed(0)
    trajectory = model.trajectory(5)
    torch.manual_seed(0)
    sample = model.sample(5)
    assert trajectory.shape == (4, 5, 1, 8, 8)
    assert torch.equal(sample, trajectory[-1])
    assert torch.equal(sample, nearest_level(sample, model.levels))
    assert trajectory[0].var(0).mean() < trajectory[2].var(0).mean()  # a single place says less
    with pytest.raises(UsageError, match="without classes"):
        model.sample(2, torch.tensor([0, 1]))


def test_without_temperature_latents_are_alike_and_only_pixels_are_drawn(small):
    model, _ = small
    model.set_way(temperature=1e-9)
    drawn = model.decoder.generate(model._tempered_noise(3))
    torch.testing.assert_close(drawn[0], drawn[1])


def test_pixels_are_drawn_from_their_distributions(small):
    model, _ = small
    parameters = torch.randn(1, model.readout.out_channels, 1, 1).expand(20_000, -1, -1, -1)
    found = model._pixels(parameters, random=True).flatten()
    levels = torch.linspace(-1, 1, model.levels).view(-1, 1, 1, 1)
    law = model.loss.log_prob(parameters[:1].expand(len(levels), -1, -1, -1), levels, model.levels).exp()
    counts = torch.histc(found, bins=model.levels, min=-1, max=1) / len(found)
    assert law.sum().item() == pytest.approx(1, abs=1e-4)
    assert (counts - law).abs().max() < 0.02


def test_data_are_whitened_for_the_encoder_once_in_a_run(small, compose_job):
    model, _ = small
    source = build_data(compose_job(*SMALL))
    x = to_unit_range(source.train.gather(range(len(source.train)))[0])
    model.prepare(source)
    assert model.centre.item() == pytest.approx(x.mean().item(), abs=0.01)
    assert model.spread.item() == pytest.approx(x.std().item(), abs=0.01)


def test_points_are_refused(compose_job):
    cfg = compose_job("model=vdvae", "data=toy2d")
    build_data(cfg)
    with pytest.raises(UsageError, match="take pictures"):
        build_model(cfg)


@pytest.mark.slow
def test_it_learns(run_job, compose_job):
    run = run_job("model=vdvae", "turns=400", "~callbacks.films", "~callbacks.grids")
    x = to_unit_range(build_data(compose_job(*SMALL)).test.gather(range(200))[0])
    bits = -load(run).log_bound(x).mean() / (64 * 0.6931)
    assert bits < 2.3  # 4.09 say nothing of a picture
