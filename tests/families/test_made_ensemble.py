"""Facts of MADE by many masks: a mixture of exact distributions, in one network."""

import math
from itertools import product

import pytest
import torch

from gen_models.core.abilities.likelihood import HasLogProb
from gen_models.core.batch import Batch
from gen_models.families.made_ensemble import MADEEnsemble
from gen_models.networks.autoregressive.made import MADE

EVERY = torch.tensor(list(product([-1.0, 1.0], repeat=6))).view(-1, 1, 2, 3)
"""All binary samples of the shape, in the order of their bits."""


@pytest.fixture
def model():
    torch.manual_seed(0)
    network = MADE((1, 2, 3), 2, [30])
    for layer in network.layers:
        torch.nn.init.normal_(layer.weight)
    return MADEEnsemble(network, 2, masks=3, optimizers={}).requires_grad_(False)


def test_each_mask_and_the_mixture_are_distributions_over_all_there_is(model):
    assert isinstance(model, HasLogProb)
    each = torch.stack([model.log_prob_by(mask, EVERY).exp() for mask in range(3)])
    assert each.sum(1).tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    assert not torch.allclose(each[0], each[1])
    assert torch.allclose(model.log_prob(EVERY).exp(), each.mean(0), atol=1e-6)


def test_the_mixture_is_at_least_as_likely_as_its_masks_on_the_average(model):
    """Jensen's inequality: why an ensemble's likelihood is the better one."""
    each = torch.stack([model.log_prob_by(mask, EVERY) for mask in range(3)])
    assert (model.log_prob(EVERY) >= each.mean(0) - 1e-6).all()
    assert (model.log_prob(EVERY) >= each.max(0).values - math.log(3) - 1e-6).all()


def test_samples_have_the_probabilities_of_the_mixture(model):
    torch.manual_seed(0)
    bits = (model.sample(20_000).flatten(1) > 0).long() @ 2 ** torch.arange(5, -1, -1)
    found = torch.bincount(bits, minlength=64) / 20_000
    assert torch.allclose(found, model.log_prob(EVERY).exp(), atol=0.012)


def test_masks_take_turns(model):
    batch = Batch(EVERY, torch.zeros(64, dtype=torch.long), torch.arange(64))
    expected = [-model.log_prob_by(mask, EVERY).mean().item() / 6 for mask in (0, 1, 2, 0)]
    found = []
    for model.clock.turn in range(4):
        found.append(model.losses(batch)["nats_per_dimension"].item())
    assert found == pytest.approx(expected)


def test_a_single_mask_may_have_a_random_order(model):
    other = MADEEnsemble(model.causal, 2, masks=1, first=2, optimizers={})
    assert torch.equal(other.log_prob(EVERY), model.log_prob_by(2, EVERY))
    assert model.causal.order(other.numbers(0)).tolist() != list(range(6))
