"""MADE: a distribution over all there is, by masks."""

import pytest
import torch

from gen_models.networks.autoregressive.made import MADE
from tests.networks.walking import dependencies, nats_of_copies, noise, total_probability


@pytest.mark.parametrize("shape", [(1, 3, 4), (2, 2, 3), (1, 9)], ids=str)
@pytest.mark.parametrize("hidden", [[], [20], [30, 25]], ids=str)
def test_a_dimension_sees_what_is_before_it_and_nothing_else(shape, hidden):
    torch.manual_seed(0)  # a few units that happen to be off hide an input
    seen = dependencies(MADE(shape, 3, [3 * units for units in hidden]), 3)
    assert torch.equal(seen, torch.ones_like(seen).tril(-1))


@pytest.mark.parametrize("shape", [(1, 3, 3), (3, 3), (1, 1)], ids=str)
def test_all_binary_samples_there_are_sum_to_one(shape):
    assert total_probability(MADE(shape, 2, [40, 40])) == pytest.approx(1, abs=1e-5)


def test_each_class_has_biases_of_its_own_which_are_zero_at_first():
    network = MADE((1, 2, 3), 3, [30], classes=2)
    x, y = noise(network, 3)
    assert torch.equal(network(x, y), network(x, 1 - y))
    torch.nn.init.normal_(network.biases[0].embed.weight)
    assert not torch.allclose(network(x, y), network(x, 1 - y))


def test_masks_are_those_of_the_paper():
    """Equations 12 and 13, for hidden units of the numbers 1, 1, 2, 2 of three inputs."""
    first, last = (layer.mask for layer in MADE((1, 3), 2, [4]).layers)
    assert first.tolist() == [[1, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0]]
    assert last[::2].tolist() == [[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]]


def test_it_learns_to_copy():
    nats, least = nats_of_copies(MADE((1, 8), 2, [64]), (1, 8), 4, steps=100)
    assert nats < least + 0.7


@pytest.mark.parametrize("hidden", [[], [40], [60, 50]], ids=str)
def test_masks_of_any_number_keep_to_an_order_of_their_own(hidden):
    torch.manual_seed(0)
    network = MADE((2, 2, 2), 3, hidden).double()
    for number in (1, 2):
        order = network.order(network.numbers(number))
        x = noise(network, 3, 1)[0].double().requires_grad_()
        logits = (
            network(x, None, network.masks(network.numbers(number)))
            .unflatten(1, (2, 3))
            .movedim((1, 2), (-2, -1))
            .flatten(0, -2)
        )
        rows = [torch.autograd.grad(each.sum(), x, retain_graph=True)[0] for each in logits]
        seen = torch.stack([row[0].movedim(0, -1).flatten() for row in rows])[order][:, order] != 0
        assert not seen.triu().any()
        assert seen.any()
    assert not torch.equal(*(network.order(network.numbers(draw)) for draw in (1, 2)))
    assert torch.equal(network.order(network.numbers(0)), torch.arange(8))


def test_masks_follow_from_their_number_alone():
    first, second = (network.masks(network.numbers(5)) for network in (MADE((1, 3, 3), 2, [20]) for _ in range(2)))
    assert all(torch.equal(*pair) for pair in zip(first, second, strict=True))


def test_connections_differ_within_the_rule_of_the_paper():
    """Equation 13: numbers of hidden units lie between the least one before them and one less than the inputs."""
    inputs, first, second = MADE((1, 3, 3), 2, [200, 200]).numbers(3)
    assert sorted(inputs.tolist()) == list(range(1, 10))
    assert (first.min(), first.max()) == (1, 8)
    assert (second.min(), second.max()) == (1, 8)


def test_it_sees_binary_pixels_as_published():
    plain, published = MADE((1, 2, 2), 2, [8]), MADE((1, 2, 2), 2, [8], black=0.0)
    published.load_state_dict(plain.state_dict())
    bits = torch.randint(2, (5, 1, 2, 2)).float()
    torch.testing.assert_close(published(2 * bits - 1), plain(bits))


def test_weights_start_orthogonal_as_the_authors_program_draws_them():
    """source: mgermain/MADE, weights_initializer.py: Orthogonal, of each layer before it is masked; biases of 0."""
    for layer in MADE((1, 4, 4), 2, hidden=[30, 20], start="orthogonal").layers:
        singular = torch.linalg.svdvals(layer.weight.detach())
        torch.testing.assert_close(singular, torch.ones_like(singular))
        assert not layer.bias.any()
