"""Facts of Im et al. (2016)."""

import pytest
import torch

from gen_models.networks.gan.gran import RecurrentGenerator


def generator(steps):
    torch.manual_seed(0)
    made = RecurrentGenerator([1, 8, 8], latent_dim=6, width=4, steps=steps)
    made(torch.randn(32, 6))  # gives the running statistics something to say
    return made.eval()


def test_the_canvas_is_the_sum_of_its_increments():
    made, z = generator(steps=3), torch.randn(5, 6)
    added = made.increments(z)
    assert added.shape == (3, 5, 1, 8, 8)
    assert torch.allclose(made(z), 2 * added.sum(0).sigmoid() - 1, atol=1e-6)
    film = made.unroll(z)
    assert torch.allclose(film[-1], made(z), atol=1e-6)
    assert torch.allclose(film[1], 2 * (added[0] + added[1]).sigmoid() - 1, atol=1e-6)


def test_each_step_sees_the_last_increment_and_the_same_latent():
    made, asked = generator(steps=3), []
    made.decoder.register_forward_pre_hook(lambda _, inputs: asked.append(inputs[0].split(6, dim=1)))
    z = torch.randn(5, 6)
    added = made.increments(z)
    assert all(torch.equal(meaning, made.embed(z)) for meaning, _ in asked)
    assert asked[0][1].abs().sum() == 0
    for step in (0, 1):
        assert torch.equal(asked[step + 1][1], made.encoder(added[step], step))


def test_one_step_is_a_plain_decoder():
    made, z = generator(steps=1), torch.randn(5, 6)
    assert made.encoder is None
    plain = made.decoder(torch.cat([made.embed(z), torch.zeros(5, 6)], dim=1), 0)
    assert torch.allclose(made(z), (plain / 2).tanh(), atol=1e-6)
    with pytest.raises(ValueError, match="at least once"):
        generator(steps=0)


def test_steps_share_weights_and_have_statistics_of_their_own():
    one, three = generator(1), generator(3)
    assert one.decoder.ups[-1].weight.shape == three.decoder.ups[-1].weight.shape
    first, second, _ = (norm.running_mean for norm in three.decoder.norm)
    assert not torch.allclose(first, second, rtol=0.1)


def test_both_halves_of_what_f_reads_are_equally_loud():
    """Whatever the scale of latents and pictures, batch normalisation stands before each tanh."""
    made = RecurrentGenerator([1, 8, 8], latent_dim=6, width=4, steps=3).train()
    z, added = torch.randn(512, 6), torch.rand(512, 1, 8, 8)
    for scale in (0.01, 100.0):
        for half in (made.embed(scale * z), made.encoder(scale * added, 0)):
            assert half.square().mean(0).sub(0.39).abs().max() < 0.15  # E tanh²(n) of n ~ N(0, 1) is 0.394


def test_increments_are_free_of_normalisation():
    """f normalises its first layer only: later ones would make the samples of a step alike."""
    made = RecurrentGenerator([1, 16, 16], latent_dim=6, width=4, steps=3)
    kinds = [type(layer).__name__ for layer in made.decoder.modules() if "BatchNorm" in type(layer).__name__]
    assert kinds == ["BatchNorm1d"] * 3
