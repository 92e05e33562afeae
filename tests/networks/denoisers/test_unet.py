"""Denoising U-Nets: the published networks' weights, any sides, zero at the start, forward-mode derivatives."""

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from gen_models.networks.denoisers.lean_unet import LeanUNet
from gen_models.networks.denoisers.mlp_denoiser import MLPDenoiser
from gen_models.networks.denoisers.style import STYLES
from gen_models.networks.denoisers.unet import UNet, attending

SONG = {"shape": (3, 32, 32), "multipliers": (2, 2, 2), "blocks": 4, "labels": 9}  # source: NVlabs/edm train.py
ADM = {"style": "adm", "classes": 1000, "outputs": 2, "width": 256, "attention": (32, 16, 8)}
SMALL = {"width": 16, "multipliers": (1, 2, 2), "blocks": 1, "attention": (8,)}
SHAPES = [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 20, 36), (2, 7, 5)]


def weights(**options):
    """How many weights a U-Net of these options has."""
    with torch.device("meta"):
        return sum(p.numel() for p in UNet(**options).parameters())


@pytest.mark.parametrize(
    ("options", "published"),
    [
        ({"shape": (3, 32, 32)}, 35_746_307),
        # source: torchcfm examples/images/cifar10/train_cifar10.py
        ({"shape": (3, 32, 32), "style": "cfm"}, 35_746_307),
        (
            {"shape": (3, 32, 32), "style": "iddpm", "blocks": 3, "attention": (16, 8), "outputs": 2},
            52_546_438,  # source: openai/improved-diffusion scripts/image_train.py, flags of README
        ),
        ({"style": "ddpm++", **SONG}, 55_733_891),  # source: NVlabs/edm training/networks.py, as the next two
        ({"style": "ddpm++", "classes": 10, **SONG}, 55_735_299),
        ({"style": "ncsn++", **SONG}, 56_397_827),
        # source: Gsunshine/py-meanflow 1f6d72d, meanflow/models/model_configs.py, with six labels
        ({"style": "meanflow", "times": 2, **SONG, "labels": 6}, 55_932_419),
        # source: openai/guided-diffusion guided_diffusion/unet.py, README.md, without a null class
        ({**ADM, "shape": (3, 64, 64), "width": 192, "multipliers": (1, 2, 3, 4), "blocks": 3}, 295_904_454 + 4 * 192),
        ({**ADM, "shape": (3, 128, 128), "multipliers": (1, 1, 2, 3, 4)}, 421_529_606 + 4 * 256),
        ({**ADM, "shape": (3, 256, 256), "multipliers": (1, 1, 2, 2, 4, 4)}, 553_838_086 + 4 * 256),
    ],
    ids=["ddpm", "cfm", "iddpm", "ddpm++", "ddpm++ told classes", "ncsn++", "meanflow", "adm 64", "adm 128", "adm 256"],
)
def test_the_published_networks_have_the_authors_weights(options, published):
    assert weights(**options) == published


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("style", STYLES)
def test_pictures_of_any_sides_are_denoised_and_nothing_is_predicted_at_first(style, shape):
    network = UNet(shape, style=style, **SMALL)
    x, noise = torch.randn(2, *shape), torch.tensor([0.0, 1.0])
    assert torch.equal(network(x, noise), torch.zeros(2, *shape))
    awake(network)
    assert network(x, noise).shape == (2, *shape)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_lean_network_denoises_pictures_of_any_sides(shape):
    network = LeanUNet(shape, width=16, outputs=2)
    x, noise = torch.randn(2, *shape), torch.tensor([0.0, 1.0])
    assert torch.equal(network(x, noise), torch.zeros(2, 2 * shape[0], *shape[1:]))
    network(x, noise).sum().backward()
    assert network.last.weight.grad.abs().max() > 0


def test_points_are_refused_by_pictures_networks_and_the_one_for_them_is_named():
    for kind in (UNet, LeanUNet):
        with pytest.raises(ValueError, match=r"has shape \[2\]: use network=mlp_denoiser"):
            kind((2,))
    assert torch.equal(MLPDenoiser((2,), outputs=2)(torch.randn(5, 2), torch.rand(5)), torch.zeros(5, 4))


def made(kind, shape=(1, 8, 8), classes=0):
    """A small network of each kind, its silent layers awake."""
    torch.manual_seed(0)
    if kind is UNet:
        return awake(UNet(shape, classes, dropout=0.0, **SMALL))
    return awake(kind(shape, classes, width=16))


def awake(network):
    """Give the layers that start at zero some weights."""
    for parameter in network.parameters():
        if not parameter.any() and parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.1)
    return network


@pytest.mark.parametrize("kind", [UNet, LeanUNet, MLPDenoiser])
def test_the_level_and_the_class_are_told_and_no_class_is_the_null_class(kind):
    network = made(kind, classes=3).eval()
    assert network.classes == 3
    x, noise = torch.randn(1, 1, 8, 8).expand(4, -1, -1, -1), torch.full((4,), 0.5)
    each = network(x, noise, torch.tensor([0, 1, 2, 3]))
    assert torch.allclose(network(x, noise), each[3:].expand_as(each), atol=1e-5)
    assert all((each[i] - each[j]).abs().max() > 1e-4 for i in range(4) for j in range(i))
    assert (network(x, noise + 0.1) - network(x, noise)).abs().max() > 1e-4


@pytest.mark.parametrize("kind", [UNet, LeanUNet, MLPDenoiser])
def test_forward_mode_derivatives_are_those_of_backward_mode_whatever_the_memory_format(kind):
    """Torch's own GroupNorm fails here: MeanFlow's and exact divergences' derivatives are taken forwards."""
    network = made(kind, (3, 8, 8)).double().to(memory_format=torch.channels_last)
    x, noise = torch.randn(2, 3, 8, 8).double().contiguous(memory_format=torch.channels_last), torch.rand(2).double()
    tangent, probe = torch.randn_like(x), torch.randn_like(x)
    with sdpa_kernel(SDPBackend.MATH):
        _, pushed = torch.func.jvp(network, (x, noise), (tangent, torch.ones_like(noise)))
        _, pull = torch.func.vjp(network, x, noise)
        by_x, by_noise = pull(probe)
    assert torch.allclose((pushed * probe).sum(), (by_x * tangent).sum() + by_noise.sum())


def test_two_times_are_told_apart():
    network = awake(LeanUNet((1, 8, 8), width=16, times=2)).eval()
    x = torch.randn(2, 1, 8, 8)
    assert not torch.allclose(network(x, torch.tensor([[0.1, 0.9]] * 2)), network(x, torch.tensor([[0.9, 0.1]] * 2)))


@pytest.mark.parametrize("style", ["ddpm++", "ncsn++", "adm"])
def test_augmentation_labels_of_zero_say_what_no_labels_say(style):
    network = awake(UNet((1, 8, 8), style=style, labels=9, **SMALL)).eval()
    x, noise = torch.randn(2, 1, 8, 8), torch.rand(2)
    assert torch.equal(network(x, noise), network(x, noise, labels=torch.zeros(2, 9)))
    assert not torch.allclose(network(x, noise), network(x, noise, labels=torch.ones(2, 9)))


@pytest.mark.parametrize(
    ("side", "limits", "attends"),
    [(32, [16], [16]), (28, [16], [14]), (28, [16, 8], [14, 7]), (8, [16], []), (8, [8, 32], [8]), (9, [16], [9])],
)
def test_maps_attend_that_have_at_most_so_many_pixels_a_side_and_more_than_half_as_many(side, limits, attends):
    sides = [-(-side >> level) for level in range(4)]
    assert [each for each, yes in zip(sides, attending(side, 4, limits), strict=True) if yes] == attends


def operations(network, shape):
    """Floating-point operations of the network's matrix products, for one picture."""
    with FlopCounterMode(display=False) as counter, torch.device("meta"):
        network(torch.zeros(1, *shape), torch.zeros(1))
    return counter.get_total_flops()


def test_the_lean_network_suits_a_processor():
    """A core does about 1e11 of them a second: 64 pictures in 20 evaluations have 2 seconds."""
    with torch.device("meta"):
        lean, published = LeanUNet((3, 32, 32)), UNet((3, 32, 32))
    assert sum(p.numel() for p in lean.parameters()) == 667_692
    assert operations(lean, (3, 32, 32)) * 64 * 20 < 2e11
    assert operations(published, (3, 32, 32)) > 100 * operations(lean, (3, 32, 32))
