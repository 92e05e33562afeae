"""Gated PixelCNN of levels that it looks up: the same order, the same samples, and no order among levels."""

import pytest
import torch

from gen_models.media.pixels import from_levels
from gen_models.networks.autoregressive.gated_pixelcnn import GatedPixelCNN
from tests.networks.autoregressive.test_causal import dependence, shaken
from tests.networks.walking import walked


def built(shape, **rest):
    return shaken(GatedPixelCNN(shape, 3, width=12, layers=4, hidden=12, embedding=4, **rest))


@pytest.mark.parametrize("shape", [(1, 4, 5), (3, 3, 3)], ids=str)
def test_a_dimension_sees_what_is_before_it_and_walking_gives_the_same(shape):
    seen = dependence(built(shape))
    assert torch.equal(seen, torch.ones_like(seen).tril(-1))
    network = built(shape, classes=2)
    x, y = from_levels(torch.randint(3, (2, *shape)), 3).double(), torch.tensor([0, 1])
    assert torch.allclose(walked(network, x, y).double(), network(x, y), atol=1e-5)
