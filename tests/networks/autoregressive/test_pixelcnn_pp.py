"""PixelCNN++ as in the authors' code (openai/pixel-cnn)."""

import pytest
import torch
from torch import nn

from gen_models.losses.logistic_mixture import LogisticMixture
from gen_models.media.pixels import from_levels
from gen_models.networks.autoregressive.pixelcnn_pp import PixelCNNpp
from tests.waves import digest, fill, waves

# source of all numbers: openai/pixel-cnn bbc1568, pixel_cnn_pp/model.py: model_spec;
# nn.py: discretized_mix_logistic_loss


def build():
    """Three scales."""
    return PixelCNNpp((3, 16, 16), 256, width=4, blocks=1, components=2, dropout=0.0, weight_norm=True)


@pytest.fixture
def network():
    """Its directions, norms and biases are waves."""
    network = build()
    fill(network)
    return network


X = from_levels((128 + 127.9 * waves(2, 3, 16, 16, shift=0.25)).long(), 256)


def test_parameters_and_likelihood_are_those_of_the_authors_program(network):
    """Shifted convolutions of normalised weights, gated blocks with shortcuts, a mixture of two for three channels."""
    parameters = network.eval()(X)
    expected = [-0.122477, -0.203380, -0.243368, -0.142171, 0.484805, -0.317275]
    assert digest(parameters) == pytest.approx(expected, abs=1e-5)
    nats = LogisticMixture(2).log_prob(parameters, X, 256).tolist()
    assert nats == pytest.approx([-4547.729492, -4541.594238], rel=2e-6)


@torch.no_grad()
def test_the_first_batch_starts_norms_and_biases_as_in_the_authors_program(network):
    """Each convolution gives mean 0 and deviation 1, or 0.1, of what those before it give by then."""
    parameters = network.train()(X)
    expected = [-0.152621, 0.286105, 0.144154, 0.004187, 1.000220, -0.544897]
    assert digest(parameters) == pytest.approx(expected, abs=1e-5)
    convs = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)]
    norms = torch.cat([conv.parametrizations.weight[0].gain for conv in convs])
    assert digest(norms) == pytest.approx([1.613100, 1.751266, 1.711317, 0.888826, 1.139856, 1.215411], abs=1e-5)
    biases = torch.cat([conv.bias for conv in convs])
    assert digest(biases) == pytest.approx([-0.265846, 0.047762, -0.036132, 0.009073, 0.196583, -0.053814], abs=1e-5)


@torch.no_grad()
def test_a_later_batch_and_a_resumed_network_start_nothing(network):
    network.train()(X)
    resumed = build().train()
    resumed.load_state_dict(network.state_dict())
    assert torch.equal(resumed(X / 2), network(X / 2))
    assert torch.equal(resumed(X), network(X))


@torch.no_grad()
def test_normalised_weights_are_walked_with_as_they_are(network):
    """The stepper reads weights: those that norms and directions give."""
    parameters, canvas = network.eval()(X).flatten(2), torch.zeros_like(X)
    step = network.stepper(len(X))
    for position in range(40):
        assert torch.allclose(step(canvas, position, 0), parameters[:, :, position], atol=1e-4)
        canvas.flatten(2)[:, :, position] = X.flatten(2)[:, :, position]
