"""Facts of Gregor et al. (2015), among them those that a much copied port misses."""

import pytest
import torch

from gen_models import load
from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.media.pixels import to_unit_range
from gen_models.run.build import build_data, build_model

BINARY = ["model=draw", "data.binary=true"]


@pytest.fixture(params=["draw", "draw_attention"])
def small(compose_job, request):
    """Three steps of four latents, with or without attention, and some digits."""
    sizes = ["model.steps=3", "model.latent_dim=4", "model.hidden=16"]
    cfg = compose_job(*BINARY, f"network={request.param}", *sizes)
    x, y = build_data(cfg).test.gather(range(50))
    model = build_model(cfg)
    return model, Batch(to_unit_range(x), y, torch.arange(50))


def answer(model, mean, log_variance=0.0):
    """Let every posterior be this one."""
    torch.nn.init.zeros_(model.to_posterior.weight)
    model.to_posterior.bias.data = torch.tensor([mean] * 4 + [log_variance] * 4)


def test_the_rate_is_the_whole_kl_of_all_steps(small):
    model, batch = small
    answer(model, 0.0)
    assert model.losses(batch)["rate"] == 0
    answer(model, 2.0)
    assert model.losses(batch)["rate"].item() == pytest.approx(3 * 4 * 2.0)


def test_every_step_draws_noise_of_its_own(small):
    model, batch = small
    _, z, mean, log_variance = model.infer(batch.x)
    noise = (z - mean) * (-0.5 * log_variance).exp()
    correlation = torch.corrcoef(noise.flatten(1)).fill_diagonal_(0)
    assert correlation.abs().max() < 0.4
    assert noise.std().item() == pytest.approx(1, abs=0.15)
    assert torch.equal(*(model.infer(batch.x, noise=0.0).canvas for _ in range(2)))


def test_a_step_sees_what_the_canvas_still_lacks(small):
    model, batch = small
    model.writer.blank.data.normal_()
    seen, drawn = [], []
    model.reader.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[:2]))
    model.writer.register_forward_hook(lambda *call: drawn.append(call[2]))
    canvas = model.infer(batch.x).canvas
    assert torch.allclose(canvas, model.writer.blank + sum(drawn), atol=1e-6)
    for step, (x, error) in enumerate(seen):
        assert torch.equal(x, (batch.x + 1) / 2)
        assert torch.allclose(error, x - (model.writer.blank + sum(drawn[:step])).sigmoid(), atol=1e-6)


def test_the_bound_is_the_objective_and_more_draws_tighten_it(small):
    model, batch = small
    answer(model, 0.3, -0.5)
    objective = torch.stack([sum(model.losses(batch).values()) for _ in range(30)])
    bounds = torch.stack([model.log_bound(batch.x).mean() for _ in range(30)])
    error = 5 * (objective.var() / 30 + bounds.var() / 30).sqrt()
    assert abs(objective.mean() + bounds.mean()) < error < 0.5
    assert model.log_bound(batch.x, draws=20).mean() > bounds.mean() + 0.5
    assert model.levels == 2


def test_the_sample_is_the_end_of_a_trajectory_and_codes_are_drawn_alike(small):
    model, batch = small
    torch.manual_seed(0)
    trajectory = model.trajectory(5)
    torch.manual_seed(0)
    assert trajectory.shape == (3, 5, 1, 8, 8)
    assert torch.equal(model.sample(5), trajectory[-1])
    assert model.encode(batch.x).shape == (50, 12)
    assert torch.allclose(model.decode(model.encode(batch.x)), model.reconstruct(batch.x), atol=1e-6)
    with pytest.raises(UsageError, match="without classes"):
        model.sample(2, torch.tensor([0, 1]))


def test_the_player_trains_all_there_is(small):
    model, batch = small
    sum(model.losses(batch).values()).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


@pytest.mark.parametrize("network", ["draw", "draw_attention"])
def test_all_weights_start_by_glorot_and_the_recurrences_remember(network, compose_job):
    """source: ericjang/draw 56bb940, draw.py: get_variable of `linear`, and LSTMCell's forget_bias."""
    cfg = compose_job(*BINARY, f"network={network}", "model.latent_dim=40", "model.hidden=60")
    build_data(cfg)
    model = build_model(cfg)
    for name, parameter in model.named_parameters():
        if "weight" in name:
            assert parameter.std().item() == pytest.approx((2 / sum(parameter.shape)) ** 0.5, rel=0.2), name
        elif name.endswith("bias_ih"):
            assert torch.equal(parameter.view(4, 60), torch.tensor([0.0, 1, 0, 0])[:, None].expand(4, 60)), name
        elif "bias" in name:
            assert not parameter.any(), name


@pytest.mark.slow
@pytest.mark.parametrize("network", ["draw", "draw_attention"])
def test_it_learns(network, run_job, compose_job):
    small = [
        "model.hidden=64",
        "model.steps=4",
        "model.optimizers.draw.lr=0.01",
        "~callbacks.films",
        "~callbacks.grids",
    ]
    run = run_job(*BINARY, f"network={network}", *small, "turns=80")
    x = to_unit_range(build_data(compose_job(*BINARY)).test.gather(range(200))[0])
    bound = load(run).log_bound(x).mean()
    assert bound > -31  # 64 ln 2 = 44 nats say nothing of a picture
