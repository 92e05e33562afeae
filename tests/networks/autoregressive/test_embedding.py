"""PixelCNNs of levels that they look up: the same order, the same samples, and no order among levels."""

import pytest
import torch

from gen_models.media.pixels import from_levels
from gen_models.networks.autoregressive.gated_pixelcnn import GatedPixelCNN
from gen_models.networks.autoregressive.pixelcnn_pp import PixelCNNpp
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


@pytest.mark.parametrize("shape", [(1, 4, 5), (1, 8, 8)], ids=str)
def test_pixelcnn_pp_of_tokens_has_a_logit_a_code_and_keeps_the_order(shape):
    network = shaken(PixelCNNpp(shape, 3, width=4, blocks=1, dropout=0.0, embedding=4))
    assert network.outputs == 3
    seen = dependence(network)
    assert not seen.triu().any()
    assert seen[-1, :-1].sum() > seen.shape[0] // 2
    x = from_levels(torch.randint(3, (2, *shape)), 3).double()
    assert torch.allclose(walked(network, x).double(), network(x), atol=1e-5)


def test_pixelcnn_pp_looks_levels_of_one_channel_up():
    with pytest.raises(ValueError, match="logits know one channel, not 3"):
        PixelCNNpp((3, 4, 4), 3, embedding=4)
