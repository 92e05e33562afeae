"""Facts of Im et al. (2016)."""

import pytest
import torch

from gen_models.networks.gan.gran import RecurrentGenerator
from tests.waves import digest, fill, waves


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


def test_steps_share_weights_and_have_statistics_of_their_own():
    one, three = generator(1), generator(3)
    assert one.decoder.ups[-1].weight.shape == three.decoder.ups[-1].weight.shape
    first, second, _ = (norm.running_mean for norm in three.decoder.norm.steps)
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


@pytest.mark.parametrize("steps", [1, 5])
def test_the_generator_has_the_authors_parameters(steps):
    """jiwoongim/GRAN, recGenI32.py (T = 5): params of L0a, L0b, L1 to L7 with nkerns [1024, 512, 256, 3] and z of 100.

    L1's zbias, 16,384 numbers before a normalisation that takes them out again, is left out here. With one step there
    is no use for L0b and L5 to L7.
    """
    made = RecurrentGenerator([3, 32, 32], latent_dim=100, width=256, steps=steps)
    z_layer, code, first = 100 * 100 + 3 * 100, 16384 * 100 + 3 * 100, 200 * 16384 + 2 * 16384
    up = sum(25 * i * o + o for i, o in [(1024, 512), (512, 256), (256, 3)])
    down = 25 * 512 * 1024 + 1024 + 25 * 256 * 512 + 2 * 512 + 25 * 3 * 256 + 2 * 256
    expected = z_layer + first + up + (code + down if steps > 1 else 0)
    assert sum(p.numel() for p in made.parameters()) == expected
    assert steps == 1 or expected == 37_784_683 - 16_384


def test_the_last_convolution_of_g_is_plain():
    made = RecurrentGenerator([1, 16, 16], latent_dim=6, width=4, steps=2)
    assert [conv.bias is None for conv in made.encoder.downs] == [True, False]
    assert [type(norm).__name__ for norm in made.encoder.norms] == ["StepNorm", "Unnormed"]


def test_increments_and_pictures_are_those_of_the_authors_program():
    """Three steps, in training; their convolutions turn kernels by half, so that they were given ours turned."""
    made = RecurrentGenerator([3, 32, 32], latent_dim=6, width=4, steps=3)
    fill(made)
    z = waves(5, 6, shift=0.25)
    # source: jiwoongim/GRAN 4890c33, recGenI32.py: forward and backward, as apply_recurrence calls them
    expected = [-0.159068, 0.005614, -0.215744, -0.024643, 0.107998, -0.030751]
    assert digest(made.increments(z)) == pytest.approx(expected, abs=1e-4)
    expected = [0.407023, 0.481843, 0.361146, 0.481903, 0.487482, 0.583903]
    assert digest(0.5 + 0.5 * made(z)) == pytest.approx(expected, abs=1e-4)
