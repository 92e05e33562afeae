"""Diffusion transformers: the published networks' weights and outputs, any sides, zero at the start."""

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from gen_models.networks.denoisers.dit import DiT
from gen_models.networks.denoisers.patches import Places
from gen_models.networks.denoisers.rotary_dit import RotaryDiT
from tests.networks.denoisers.test_authors import filled

KINDS = [DiT, RotaryDiT]
# With these weights and inputs the authors' networks give, at every 97th place:
# source: facebookresearch/DiT models.py
DIT = [-1.107181, 0.115593, 1.196511, 1.926739, -1.135358, 0.397742, 1.490839, 1.654364]
# source: cloneofsimo/minRF dit.py, with groups of at least four channels
ROTARY = [-1.036827, 2.697845, -0.932295, 2.695398]


@pytest.mark.parametrize(
    ("kind", "options", "published"),
    [
        # source: facebookresearch/DiT models.py, without the fixed embedding of places; XL is the paper's 675 million
        (DiT, ((4, 32, 32), 1000, 384, 12, 6, 2, 4, 2), 32_865_056),
        (DiT, ((4, 32, 32), 1000, 768, 12, 12, 2, 4, 2), 130_315_808),
        (DiT, ((4, 32, 32), 1000, 1024, 24, 16, 2, 4, 2), 457_840_672),
        (DiT, ((4, 32, 32), 1000, 1152, 28, 16, 2, 4, 2), 674_834_720),
        (RotaryDiT, ((1, 32, 32), 10, 64, 6, 4), 610_788),  # source: cloneofsimo/minRF rf.py, as the next
        (RotaryDiT, ((3, 32, 32), 10, 256, 10, 8), 13_308_044),
    ],
    ids=["S", "B", "L", "XL", "minRF MNIST", "minRF CIFAR-10"],
)
def test_the_published_transformers_have_the_authors_weights(kind, options, published):
    with torch.device("meta"):
        assert sum(p.numel() for p in kind(*options).parameters()) == published


@pytest.mark.parametrize(
    ("kind", "options", "expected", "tolerance"),
    [(DiT, {"outputs": 2}, DIT, 1e-5), (RotaryDiT, {"scale": 1.0}, ROTARY, 1e-4)],
)
def test_a_small_transformer_gives_what_the_authors_gives(kind, options, expected, tolerance):
    network = filled(kind((3, 8, 8), 3, width=32, depth=2, heads=4, **options))
    x = torch.sin(torch.arange(384, dtype=torch.float64)).view(2, 3, 8, 8)
    found = network(x, torch.tensor([0.25, 0.75], dtype=torch.float64), torch.tensor([0, 2])).flatten()[::97]
    assert torch.allclose(found, torch.tensor(expected, dtype=torch.float64), atol=tolerance)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 20, 36), (2, 7, 5)], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_any_sides_are_denoised_and_nothing_is_predicted_at_first(kind, shape):
    network = kind(shape, 3, width=16, depth=2, heads=2, outputs=2)
    x, noise = torch.randn(2, *shape), torch.tensor([0.0, 1.0])
    assert torch.equal(network(x, noise), torch.zeros(2, 2 * shape[0], *shape[1:]))
    network(x, noise).sum().backward()
    assert network.transformer.last.layer.bias.grad.abs().max() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_at_first_a_block_passes_on_what_it_is_given(kind):
    block = kind((1, 8, 8), width=16, depth=1, heads=2).transformer.blocks[0]
    tokens = torch.randn(2, 16, 16)
    assert torch.equal(block(tokens, torch.randn(2, 16)), tokens)


def test_places_tell_columns_and_rows():
    table = Places((2, 3), 8)(torch.zeros(1, 6, 8))[0].view(2, 3, 8)
    assert torch.equal(table[0, :, :4], table[1, :, :4])
    assert torch.equal(table[:, 0, 4:], table[:, 1, 4:])
    expected = torch.tensor([2.0, 0.02]).sin().tolist() + torch.tensor([2.0, 0.02]).cos().tolist()
    assert torch.allclose(table[0, 2, :4], torch.tensor(expected))


@pytest.mark.parametrize("kind", KINDS)
def test_the_middle_of_a_picture_depends_on_its_corners(kind):
    network = filled(kind((1, 8, 8), width=16, depth=1, heads=2))
    x = torch.randn(1, 1, 8, 8, dtype=torch.float64)
    other = x.clone()
    other[..., 0, 0] += 1
    noise = torch.tensor([0.5], dtype=torch.float64)
    assert ((network(x, noise) - network(other, noise)).abs()[0, 0] > 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_forward_mode_derivatives_are_those_of_backward_mode(kind):
    network = filled(kind((1, 8, 8), width=16, depth=1, heads=2))
    x, noise = torch.randn(2, 1, 8, 8, dtype=torch.float64), torch.rand(2, dtype=torch.float64)
    tangent, probe = torch.randn_like(x), torch.randn_like(x)
    with sdpa_kernel(SDPBackend.MATH):
        _, pushed = torch.func.jvp(network, (x, noise), (tangent, torch.ones_like(noise)))
        _, pull = torch.func.vjp(network, x, noise)
        by_x, by_noise = pull(probe)
    assert torch.allclose((pushed * probe).sum(), (by_x * tangent).sum() + by_noise.sum())


def test_widths_that_do_not_suit_the_heads_or_the_places_are_refused():
    with pytest.raises(ValueError, match="choose a multiple of the heads"):
        DiT((1, 8, 8), width=16, heads=3)
    with pytest.raises(ValueError, match="must be a multiple of 4, not 6"):
        DiT((1, 8, 8), width=6, heads=3)
    with pytest.raises(ValueError, match="choose a multiple of 32"):
        RotaryDiT((1, 8, 8), width=16, heads=16)
