"""Multilayer perceptrons."""

import torch
from torch import nn

from gen_models.networks.mlp import MLPBody, MLPGenerator


def test_hidden_layers_have_the_activation_that_is_named():
    """Burda et al. (2016): 784-200-200, all tanh; yburda/iwae, nnet.py, random_linear_then_tanh_chain."""
    body = MLPBody((1, 28, 28), (200, 200), activation=nn.Tanh())
    x = torch.randn(3, 1, 28, 28)
    first, second = (layer[0] for layer in body.layers)
    torch.testing.assert_close(body(x), second(first(x.flatten(1)).tanh()).tanh())
    assert body(10 * x).abs().max() <= 1


def test_batch_norm_takes_the_place_of_biases():
    generator = MLPGenerator((2,), 2, (8, 8), slope=0, batch_norm=True)
    hidden = generator.layers[0]
    assert hidden[0].bias is None
    normalised = hidden[:2](torch.randn(64, 2))
    torch.testing.assert_close(normalised.mean(0), torch.zeros(8), atol=1e-5, rtol=0)
    assert list(MLPGenerator((2,), 2, (8, 8)).state_dict()) == [
        f"layers.{place}.{name}" for place in ("0.0", "1.0", "2") for name in ("weight", "bias")
    ]
