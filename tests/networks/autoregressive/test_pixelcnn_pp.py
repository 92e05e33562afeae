"""PixelCNN++ as in the authors' code (openai/pixel-cnn)."""

import pytest
from torch import nn

from gen_models.losses.logistic_mixture import LogisticMixture
from gen_models.media.pixels import from_levels
from gen_models.networks.autoregressive.pixelcnn_pp import PixelCNNpp
from tests.waves import digest, fill, waves


def test_parameters_and_likelihood_are_those_of_the_authors_program():
    """Three scales: shifted convolutions, gated blocks with shortcuts, a mixture of two for three channels.

    A weight here is g V / |V| there; with g = |V| it is V. Their first layers shift after they have added a bias.
    """
    network = PixelCNNpp((3, 16, 16), 256, width=4, blocks=1, components=2).eval()
    fill(network)
    for first in (network.u, network.ul_beside):
        nn.init.zeros_(first.bias)
    x = from_levels((128 + 127.9 * waves(2, 3, 16, 16, shift=0.25)).long(), 256)
    parameters = network(x)
    # source: openai/pixel-cnn bbc1568, pixel_cnn_pp/model.py: model_spec; nn.py: discretized_mix_logistic_loss
    expected = [-0.012349, -0.106287, 0.147911, -0.133962, 0.475013, -0.074403]
    assert digest(parameters) == pytest.approx(expected, abs=1e-5)
    nats = LogisticMixture(2).log_prob(parameters, x, 256).tolist()
    assert nats == pytest.approx([-4563.938477, -4572.520996], rel=2e-6)
