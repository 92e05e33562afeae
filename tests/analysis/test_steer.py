"""Codes that are set by name, and moved along directions."""

import pytest
import torch

from gen_models.analysis.sampling import blocks
from gen_models.analysis.steer import BATCH, Steering, Walk, directions
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError
from gen_models.latents.code_parts import Category, Interval
from gen_models.latents.codes import Codes

WEIGHTS = torch.tensor([[0.1, 0.0, 0.0, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.2]]).T


class Linear(GenerativeModel):
    """Samples are a linear function of latents in five dimensions: three of them count, in these weights."""

    def players(self):
        return ()

    def draw_codes(self, n, y=None):
        return torch.randn(n, 5)

    def decode(self, z, y=None):
        return z @ WEIGHTS

    def sample(self, n, y=None):
        return self.decode(self.draw_codes(n))


class Named(Linear):
    """The first two entries are a category, the third a number."""

    def codes(self):
        return Codes({"kind": Category(2), "size": Interval(1)})

    def draw_latents(self, n):
        return self.codes().sample(n, 5, torch.device("cpu"))

    def decode_latents(self, z, y=None):
        return z


@pytest.fixture
def steering():
    return Steering(configured(Linear(seed=0, optimizers={})))


@pytest.fixture
def named():
    return Steering(configured(Named(seed=0, optimizers={})))


def configured(model):
    model.configure_model()
    return model


def test_unmoved_codes_are_those_of_the_samples_of_the_seed(steering):
    samples = torch.cat(list(blocks(steering.model, BATCH + 30, 3)))
    assert torch.allclose(steering.drawn(BATCH + 30, 3), samples, atol=1e-6)
    assert not torch.allclose(steering.drawn(4, 4), samples[:4])


def test_directions_are_what_changes_samples_most_first_and_one_deviation_long(steering):
    found = directions(steering.model, steering.space, 5)
    assert found.shape == (3, 5)  # as many as samples have dimensions
    expected = torch.tensor([[0, 2**-0.5, 2**-0.5, 0, 0], [0, 0, 0, 0, 1], [1, 0, 0, 0, 0]])
    assert torch.allclose(found.abs(), expected, atol=0.2)
    assert torch.allclose(found @ found.T, torch.diag(found.norm(dim=1) ** 2), atol=1e-5)


def test_a_move_along_a_direction_is_in_deviations(steering):
    before, after = steering.drawn(5, 0), steering.drawn(5, 0, moves={"direction 1": -2})
    assert torch.allclose(after - before, (-2 * steering.directions[0] @ WEIGHTS).expand(5, -1), atol=1e-5)
    spread = steering.spread(2, 3, 2, reach=1.5)
    assert spread.shape == (2, 2, 3, 3)
    assert torch.allclose(spread[0, :, 1], steering.drawn(2, 0), atol=1e-6)
    assert torch.allclose(spread[1, :, 2], steering.drawn(2, 0, moves={"direction 2": 1.5}), atol=1e-6)


def test_codes_are_set_by_name(named):
    drawn = named.drawn(6, 0)
    moved = named.drawn(6, 0, moves={"kind": 1, "size 1": 0.5})
    assert torch.equal(moved[:, :3], torch.tensor([0, 1, 0.5]).expand(6, -1))
    assert torch.equal(moved[:, 3:], drawn[:, 3:])


def test_a_walk_joins_two_draws(steering):
    drawn = steering.drawn(6, 0)
    walk = steering.drawn(6, 0, walk=Walk(4, 1, 5))
    assert torch.allclose(walk[[0, 4]], drawn[[4, 1]], atol=1e-6)
    assert torch.allclose(walk[2], drawn[[4, 1]].mean(0), atol=1e-6)
    arc = steering.drawn(6, 0, walk=Walk(4, 1, 5, arcs=True))
    assert torch.allclose(arc[[0, 4]], walk[[0, 4]], atol=1e-5)
    assert not torch.allclose(arc[2], walk[2])


def test_what_is_not_there_is_said(steering, named):
    for moves, words in [
        ({"direction 0": 1}, "no direction 0: they are numbered from 1 to 3"),
        ({"direction 4": 1}, "no direction 4"),
        ({"smile": 1}, "no code 'smile': there is direction 1"),
    ]:
        with pytest.raises(UsageError, match=words):
            steering.drawn(2, 0, moves=moves)
    with pytest.raises(UsageError, match="kind is one of 2 classes, 0 to 1, not 1.5"):
        named.drawn(2, 0, moves={"kind": 1.5})
    with pytest.raises(UsageError, match="there are draws 0 to 1"):
        steering.drawn(2, 0, walk=Walk(0, 2))
    with pytest.raises(UsageError, match="no codes to move or to walk between"):
        Steering(torch.nn.Module())
