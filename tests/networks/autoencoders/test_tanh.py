"""The networks of Burda et al. (2016)."""

import math

import pytest
import torch

from gen_models.networks.autoencoders.tanh import TanhBody, TanhDecoder


def test_layers_begin_as_glorots_without_biases():
    """Source: yburda/iwae nnet.py, Linear.random."""
    body = TanhBody((1, 28, 28), (200, 200))
    first = body.layers[0]
    assert first.weight.abs().max().item() == pytest.approx(math.sqrt(6 / 984), rel=0.01)
    assert not any(bias.any() for name, bias in body.named_parameters() if name.endswith("bias"))
    assert sum(p.numel() for p in body.parameters()) == 785 * 200 + 201 * 200


def test_the_encoder_sees_black_as_nothing():
    body = TanhBody((1, 4, 4), (5,))
    assert not body(-torch.ones(2, 1, 4, 4)).any()
    x = torch.rand(2, 1, 4, 4)
    torch.testing.assert_close(body(2 * x - 1), body.layers[0](x.flatten(1)).tanh())


def test_the_decoder_begins_at_the_marginals_within_a_thousandth():
    """Source: yburda/iwae datasets.py, get_train_bias_np."""
    decoder = TanhDecoder((1, 1, 3), latent_dim=2, hidden=(4,))
    decoder.begin_at(torch.tensor([[[-1.0, 0.0, 0.5]]]))
    probabilities = decoder(torch.zeros(1, 2)).sigmoid().flatten()
    torch.testing.assert_close(probabilities, torch.tensor([0.001, 0.5, 0.75]))


def test_classes_are_appended():
    y = torch.tensor([0, 2])
    body, decoder = TanhBody((1, 2, 2), (5,), classes=3), TanhDecoder((1, 2, 2), 2, (5,), classes=3)
    assert body(torch.ones(2, 1, 2, 2), y).shape == (2, 5)
    assert decoder(torch.zeros(2, 2), y).shape == (2, 1, 2, 2)
