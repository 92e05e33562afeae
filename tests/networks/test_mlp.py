"""Multilayer perceptrons."""

import torch

from gen_models.networks.mlp import MLPBody, MLPGenerator


def test_batch_norm_takes_the_place_of_biases():
    generator = MLPGenerator((2,), 2, (8, 8), slope=0, batch_norm=True)
    hidden = generator.layers[0]
    assert hidden[0].bias is None
    normalised = hidden[:2](torch.randn(64, 2))
    torch.testing.assert_close(normalised.mean(0), torch.zeros(8), atol=1e-5, rtol=0)
    assert list(MLPGenerator((2,), 2, (8, 8)).state_dict()) == [
        f"layers.{place}.{name}" for place in ("0.0", "1.0", "2") for name in ("weight", "bias")
    ]


def test_a_generator_drops_units_in_training_alone():
    generator, z = MLPGenerator((2,), 2, (64,), dropout=0.5), torch.ones(1, 2)
    assert not torch.equal(generator(z), generator(z))
    plain = MLPGenerator((2,), 2, (64,))
    plain.load_state_dict(generator.state_dict())
    assert torch.equal(generator.eval()(z), plain(z))


def test_a_body_reads_through_noise_in_training_alone():
    body, x = MLPBody((1,), (1,), slope=1.0, noise=0.3), torch.zeros(4000, 1)
    weight, bias = body.layers[0][0].weight.item(), body.layers[0][0].bias.item()
    read = (body(x) - bias) / weight
    assert abs(read.std() - 0.3) < 0.02
    assert abs(read.mean()) < 0.02
    assert torch.equal(body.eval()(x), torch.full((4000, 1), bias))
