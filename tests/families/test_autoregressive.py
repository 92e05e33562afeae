"""Facts of autoregressive models: exact probabilities, and drawing that is the same the fast way and the slow one."""

import math
from functools import partial
from itertools import product

import pytest
import torch

from gen_models.core.abilities.completion import Completes
from gen_models.core.abilities.likelihood import HasLogProb
from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.families.autoregressive import Autoregressive
from gen_models.losses.categorical import Softmax
from gen_models.losses.logistic_mixture import LogisticMixture
from gen_models.media.pixels import to_unit_range
from gen_models.networks.autoregressive.causal import Causal
from gen_models.run.build import build_data, build_model
from gen_models.run.directory import load
from tests.helpers import assert_same, newest
from tests.networks.autoregressive.test_causal import NETWORKS, shaken


def model(name, shape, classes=0, levels=3, **rest):
    """A model with random weights; its levels are the networks' three, or fewer."""
    network = shaken(NETWORKS[name](shape, classes=classes)).float()
    loss = LogisticMixture(2) if name == "pixelcnn_pp" else Softmax()
    return Autoregressive(network, loss, levels, optimizers={}, **rest).eval()


every_model = pytest.mark.parametrize("name", NETWORKS)
REACHED = {"image_transformer": 3.1}
"""Bits after 25 turns, 2.6 if nothing is said: what is near is no better known to attention than what is far."""


@every_model
@pytest.mark.parametrize(("shape", "levels"), [((1, 2, 2), 3), ((3, 1, 2), 3)])
def test_all_images_there_are_sum_to_one(name, shape, levels):
    images = torch.tensor(list(product([-1.0, 0.0, 1.0], repeat=math.prod(shape)))).view(-1, *shape)
    with torch.no_grad():
        found = model(name, shape).log_prob(images).exp()
    assert found.sum().item() == pytest.approx(1, abs=1e-5)
    assert found.max() > 3 * found.min()


@every_model
@pytest.mark.parametrize(("shape", "classes"), [((1, 8, 8), 0), ((3, 4, 4), 2)])
def test_the_fast_way_draws_the_pixels_of_the_slow_way(name, shape, classes):
    drawer = model(name, shape, classes, temperature=1.5)
    y = torch.tensor([0, 1, 1, 0]) if classes else None
    torch.manual_seed(0)
    fast = drawer.sample(4, y)
    drawer.causal.stepper = partial(Causal.stepper, drawer.causal)
    torch.manual_seed(0)
    assert torch.equal(fast, drawer.sample(4, y))
    assert len(fast.unique()) == 3


@every_model
def test_draws_follow_the_probabilities(name):
    drawer, n = model(name, (1, 1, 2)), 4_000
    torch.manual_seed(0)
    indices = (drawer.sample(n).flatten(1) + 1).long()
    found = torch.bincount(indices[:, 0] * 3 + indices[:, 1], minlength=9) / n
    images = torch.tensor(list(product([-1.0, 0.0, 1.0], repeat=2))).view(-1, 1, 1, 2)
    assert torch.allclose(found, drawer.log_prob(images).exp(), atol=0.04)  # five standard errors


def test_a_canvas_fills_from_above():
    drawer = model("pixelcnn", (1, 8, 8))
    torch.manual_seed(0)
    steps = drawer.trajectory(3)
    torch.manual_seed(0)
    assert torch.equal(steps[-1], drawer.sample(3))
    assert len(steps) == 32
    assert torch.equal(steps[15, :, :, :4], steps[-1, :, :, :4])
    assert (steps[15, :, :, 4:] == steps[0, 0, 0, -1, -1]).all()


@every_model
def test_completing_keeps_what_is_given_and_goes_on_from_it(name):
    drawer = model(name, (3, 4, 4))
    x = torch.randint(3, (64, 3, 4, 4)) - 1.0
    torch.manual_seed(0)
    completed = drawer.complete(x, 2)
    torch.manual_seed(0)
    other = drawer.complete(-x, 2)
    assert torch.equal(completed[:, :, :2], x[:, :, :2])
    assert not torch.equal(completed[:, :, 2:], x[:, :, 2:])
    assert not torch.equal(completed[:, :, 2:], other[:, :, 2:])
    assert torch.equal(drawer.complete(x, 4), x)
    assert isinstance(drawer, Completes)
    assert isinstance(drawer, HasLogProb)


def test_what_does_not_fit_is_refused_in_a_sentence(compose_job):
    with pytest.raises(UsageError, match="loss=softmax"):
        Autoregressive(NETWORKS["pixelcnn"]((1, 4, 4)), LogisticMixture(), 3, optimizers={})
    with pytest.raises(UsageError, match="temperature"):
        model("pixelcnn", (1, 4, 4), temperature=0.0)
    for job, advice in {("data=toy2d",): "data=digits", ("loss=hinge",): "softmax"}.items():
        cfg = compose_job("model=pixelcnn", *job)
        build_data(cfg)
        with pytest.raises(UsageError, match=advice):
            build_model(cfg)


@every_model
def test_it_learns(name, compose_job):
    cfg = compose_job(f"model={name}", "network.causal.width=16")
    data, model = build_data(cfg), build_model(cfg)
    optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)

    def bits(items, indices):
        x, y = items.gather(indices)
        return model.losses(Batch(to_unit_range(x), y, y))["nats_per_dimension"] / math.log(2)

    with model.evaluating("test"):
        assert bits(data.test, range(100)) > 3.2
    for turn in range(25):
        optimizer.zero_grad()
        bits(data.train, range(32 * turn, 32 * turn + 32)).backward()
        optimizer.step()
    with torch.no_grad():
        assert bits(data.test, range(100)) < REACHED.get(name, 2.6)


def test_a_first_batch_starts_normalised_weights_once_also_where_a_run_goes_on(run_job, tmp_path):
    """A run that is continued ends in the bits of one that was not, and its averages draw."""
    options = ["model=pixelcnn_pp", "network.causal.width=4", "network.causal.weight_norm=true", "data.batch_size=4"]
    whole = newest(run_job(*options, "turns=3", run=tmp_path / "whole"))
    run_job(*options, "turns=1", run=tmp_path / "parts")
    assert_same(whole, newest(run_job(*options, "turns=3", run=tmp_path / "parts")))
    assert whole["model"]["causal.head.parametrizations.weight.0._extra_state"] is True
    assert load(tmp_path / "parts").sample(2).isfinite().all()
