"""Multilayer perceptrons."""

import torch

from gen_models.networks.mlp import MLPGenerator


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
