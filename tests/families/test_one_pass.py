"""Data and samples are judged in one pass, with one power iteration: fewer kernels, the same numbers."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn.functional import normalize

from gen_models.core.batch import Batch
from gen_models.media.pixels import to_unit_range
from gen_models.networks.layers.across_batch import looks_across_batch
from gen_models.run.build import build_data, build_model
from tests.waiting import batch_on_device, watched_turn

SPEC = {"shape": [3, 32, 32], "levels": 256, "num_classes": 0, "num_train": 64, "fingerprint": ""}


@pytest.fixture
def judged(compose_job):
    """A model's critic losses and their gradient, of both batches in one pass and in two."""

    def both(*options):
        cfg = compose_job(*options)
        x, y = build_data(cfg).train.gather(range(8))
        for apart in (True, False):
            model = build_model(cfg)
            assert not model._apart
            model._apart = apart
            torch.manual_seed(0)
            losses = model.critic_losses(Batch(to_unit_range(x), y, y))
            sum(losses.values()).backward()
            yield {name: loss.item() for name, loss in losses.items()}, model.discriminator

    return both


@pytest.mark.parametrize("options", ["model=sngan", "model=wgan_gp", "model=acgan network.discriminator.spectral=true"])
def test_one_pass_of_data_and_samples_gives_what_two_give(judged, options):
    (apart, first), (together, second) = judged(*options.split())
    assert together == pytest.approx(apart, rel=1e-4)
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.allclose(a.grad, b.grad, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("options", ["model=progan", "model=dcgan network=dcgan_norm"])
def test_a_critic_with_statistics_over_a_batch_sees_one_at_a_time(options, compose_job):
    cfg = compose_job(*options.split())
    cfg.spec = SPEC
    assert build_model(cfg)._apart


class MinibatchMean(nn.Module):
    """A layer of a plug-in that looks at the samples beside one."""

    looks_across_batch = True

    def forward(self, x):
        return x + x.mean(0)


def test_a_layer_of_a_plug_in_says_itself_that_it_looks_across_a_batch():
    critic = nn.Sequential(nn.Linear(2, 2), MinibatchMean())
    assert looks_across_batch(critic)
    assert not looks_across_batch(critic[0])
    critic[1].looks_across_batch = False
    assert not looks_across_batch(critic)


def test_a_move_makes_one_power_iteration(compose_job):
    cfg = compose_job("model=sngan")
    x, y = build_data(cfg).train.gather(range(8))
    model = build_model(cfg)
    norm = model.discriminator.head.parametrizations.weight[0]
    weight = model.discriminator.head.parametrizations.weight.original
    for losses in (model.critic_losses, model.generator_losses):
        v = norm._v.clone()
        losses(Batch(to_unit_range(x), y, y))
        assert torch.allclose(norm._u, normalize(weight @ v, dim=0), atol=1e-5)
        assert torch.allclose(norm._v, normalize(weight.T @ norm._u, dim=0), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "kernels", "before"),
    [
        ("sngan", 270, 375),
        pytest.param("sagan", 1500, 1974, marks=pytest.mark.slow),
        pytest.param("biggan", 2500, 2946, marks=pytest.mark.slow),
        pytest.param("biggan_deep", 6450, 7309, marks=pytest.mark.slow),
    ],
)
def test_a_turn_launches_so_many_kernels(name, kernels, before, compose_job, monkeypatch):
    """Those of a turn in which both players move, the optimizers' not counted; before, each pass iterated anew."""
    cfg = compose_job(f"model={name}")
    cfg.spec = SPEC
    batch = batch_on_device(torch.zeros(64, 3, 32, 32, dtype=torch.uint8), torch.zeros(64, dtype=torch.long))
    waits, found = watched_turn(build_model(cfg), SimpleNamespace(train=range(64)), batch, monkeypatch)
    assert waits == []
    assert 0.9 * kernels < found <= kernels < before
