"""Facts of Dinh et al. (2015, 2017) and Kingma and Dhariwal (2018)."""

import math
from functools import partial

import pytest
import torch
from torch.distributions import MultivariateNormal

from gen_models.core.batch import Batch
from gen_models.data.toys import Toy2D
from gen_models.families.flow import NormalisingFlow
from gen_models.latents.priors import Normal
from gen_models.media.pixels import from_levels, to_uint8, to_unit_range
from gen_models.networks.flows.bijection import Composition
from gen_models.networks.flows.coupling import BoundedSigmoid, Exponential, Form
from gen_models.networks.flows.glow import Glow
from gen_models.networks.flows.logit import Logit
from gen_models.networks.flows.nice import NICE
from gen_models.networks.flows.realnvp import RealNVP
from gen_models.networks.flows.shapes import Flatten
from gen_models.run.build import build_data, build_model


def silent_nice(shape):
    flow = NICE(shape, hidden=[4])
    for parameter in flow.parameters():
        torch.nn.init.zeros_(parameter)
    return flow


def test_the_identity_has_the_closed_form_of_bits():
    """A Gaussian, of x uniform in [-1, 1): E x² = 1/3; log2(levels / 2) bits go from the density to a pixel."""
    levels, shape = 4, (1, 50, 40)
    model = NormalisingFlow(silent_nice(shape), Normal(), levels, optimizers={})
    model.note = lambda *_: None
    torch.manual_seed(0)
    x = from_levels(torch.randint(0, levels, (20, *shape)), levels)
    bits = model.losses(Batch(x, torch.zeros(20), torch.zeros(20)))["bits_per_dimension"].item()
    expected = (0.5 * math.log(2 * math.pi) + 1 / 6) / math.log(2) + math.log2(levels / 2)
    assert bits == pytest.approx(expected, abs=5e-3)


def test_bits_of_pixels_do_not_depend_on_the_range_that_a_flow_sees():
    """A density of x in [0, 1] is half as large for x in [-1, 1]: E x² = 1/3 either way, and log2(levels) bits."""
    levels, shape = 4, (1, 50, 40)
    flow = NICE(shape, hidden=[4], pixels="unit", reach=0)
    model = NormalisingFlow(flow, Normal(), levels, optimizers={})
    model.note = lambda *_: None
    torch.manual_seed(0)
    x = from_levels(torch.randint(0, levels, (20, *shape)), levels)
    bits = model.losses(Batch(x, torch.zeros(20), torch.zeros(20)))["bits_per_dimension"].item()
    assert bits == pytest.approx((0.5 * math.log(2 * math.pi) + 1 / 6) / math.log(2) + math.log2(levels), abs=5e-3)
    black = flow(torch.full((1, *shape), -1.0))[0]
    assert not black.any()
    assert torch.equal(model.decode(model.encode(x)), x)


def test_nice_starts_within_its_reach_and_without_biases():
    layers = [layer for layer in NICE((1, 28, 28), hidden=[60] * 5, reach=0.01).modules() if hasattr(layer, "bias")]
    assert len(layers) == 4 * 6
    for layer in layers:
        assert 0.0099 < layer.weight.abs().max().item() <= 0.01
        assert not layer.bias.any()


def test_the_logit_spreads_uniform_pixels_over_the_logistic():
    """With p uniform in [α, 1 - α], log p(x) of the base at logit(p) less E log |dz/dx| is the uniform's density, ½."""
    flow = Composition([Logit(0.05), Flatten((1, 4, 4))])
    x = torch.rand(5, 1, 4, 4) * 2 - 1
    z, log_det = flow(x)
    p = 0.05 + 0.9 * (x + 1) / 2
    assert torch.allclose(z, p.logit().flatten(1), atol=1e-5)
    logistic = -(z + 2 * torch.nn.functional.softplus(-z)).sum(1)  # has density p (1 - p) at logit(p)
    assert torch.allclose(logistic + log_det, torch.full((5,), 16 * math.log(0.45)), atol=1e-3)


@pytest.mark.parametrize("name", ["nice", "realnvp", "glow"])
def test_pixels_are_decoded_from_their_codes_exactly(name, compose_job):
    cfg = compose_job(f"model={name}")
    x, y = build_data(cfg).test.gather(range(20))
    model = build_model(cfg).eval()
    z = model.encode(to_unit_range(x), y)
    assert z.shape == (20, 64)
    assert torch.equal(to_uint8(model.decode(z, y)), x)
    model.temperature = 0.0
    assert torch.equal(model.sample(2)[0], model.sample(2)[1])


@pytest.mark.parametrize("flow", [partial(RealNVP, hidden=[32, 32]), partial(Glow, steps=4, hidden=[32, 32])])
def test_points_are_learned_to_near_their_entropy(flow):
    """A Gaussian's fit of the ring is 1.3 nats off."""
    torch.manual_seed(0)
    source = Toy2D(kind="ring", noise=0.08)
    x, y = source.train.gather(range(4000))
    model = NormalisingFlow(flow((2,)), Normal(), None, optimizers={})
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for turn in range(200):
        optimizer.param_groups[0]["lr"] = 1e-2 * (1 - turn / 200)
        batch = torch.randint(len(x), (256,))
        optimizer.zero_grad()
        (-model.log_prob(x[batch], y[batch]).mean()).backward()
        optimizer.step()
    model.eval()
    truth = source.log_density(x).mean().item()
    gaussian = MultivariateNormal(x.mean(0), x.T.cov()).log_prob(x).mean().item()
    with torch.no_grad():
        assert gaussian < truth - 1.25
        assert model.log_prob(x, y).mean() > truth - 0.6
        axis = torch.linspace(-1.8, 1.8, 361)
        density = model.log_prob(torch.cartesian_prod(axis, axis)).exp()
    assert density.sum().item() * 0.01**2 == pytest.approx(1, abs=0.01)


def test_penalties_are_in_nats_and_training_pictures_are_augmented():
    shape, levels = (1, 2, 2), 4
    flow, seen = silent_nice(shape), []
    augment = lambda x: seen.append(x) or -x  # noqa: E731
    penalties = {"l2": lambda network: torch.tensor(3.0)}
    model = NormalisingFlow(flow, Normal(), levels, augment=augment, weight_penalties=penalties, optimizers={})
    model.note = lambda *_: None
    x = torch.ones(1, *shape)
    losses = model.losses(Batch(x, torch.zeros(1), torch.zeros(1)))
    assert losses["l2"].item() == pytest.approx(3 / (4 * math.log(2)))
    assert seen == [x]


def test_glow_rises_in_turns_and_has_couplings_whose_inverses_do_not_explode(compose_job):
    cfg = compose_job("model=glow")
    cfg.spec = build_data(cfg).spec
    model = build_model(cfg)
    assert [model._schedules["lr"](turn) for turn in (0, 500, 1000, 9000)] == pytest.approx([0, 5e-4, 1e-3, 1e-3])
    assert {type(part) for part in model.modules() if isinstance(part, Form)} == {BoundedSigmoid, Exponential}
