"""Facts of the network of masked diffusion, with numbers of google-deepmind/md4."""

from functools import partial

import pytest
import torch

from gen_models.networks.denoisers.lean_unet import LeanUNet
from gen_models.networks.denoisers.masked_pixels import MaskedPixels
from gen_models.networks.denoisers.unet import UNet
from tests.networks.denoisers.test_authors import filled

PUBLISHED = {"width": 128, "multipliers": [1], "attention": [], "style": "md4"}
MD4 = [1.747465, 2.22983, 0.936647, 0.979476, 0.24954, 1.276721]
"""source: google-deepmind/md4 b9fbf29 md4/models/backward.py, DiscreteClassifier, one layer, every 16411th place"""


def test_the_published_network_has_as_many_weights_as_the_authors():
    """source: google-deepmind/md4 b9fbf29 md4/configs/md4/cifar10.py, its network built; 28 M in the paper."""
    with torch.device("meta"):
        network = MaskedPixels((3, 32, 32), 256, partial(UNet, blocks=32, **PUBLISHED), size=128)
    assert sum(weight.numel() for weight in network.parameters()) == 28_427_520


def test_a_small_network_gives_what_the_authors_gives():
    network = filled(MaskedPixels((3, 8, 8), 256, partial(UNet, blocks=1, **PUBLISHED), size=128, timed=True))
    index = (torch.arange(384) * 37 % 257).view(2, 3, 8, 8)
    logits = network(index, torch.tensor([0.25, 0.75], dtype=torch.float64)).movedim(-1, 1)
    assert torch.allclose(logits.flatten()[::16411], torch.tensor(MD4, dtype=torch.float64), atol=1e-5)


@pytest.mark.parametrize(("shape", "levels"), [((1, 7, 9), 2), ((3, 8, 8), 256), ((1, 8, 8), 17)])
def test_it_gives_logits_of_all_levels_for_pictures_of_any_sides_and_knows_nothing_at_first(shape, levels):
    network = MaskedPixels(shape, levels, partial(LeanUNet, width=8))
    logits = network(torch.randint(levels + 1, (2, *shape)), torch.rand(2))
    assert logits.shape == (2, *shape, levels)
    assert not logits.any()


def test_logits_of_a_channel_are_its_own():
    """The last layer's bias for channel 1 and level 2, and no other, moves logits [..., 1, :, :, 2]."""
    network = MaskedPixels((3, 4, 4), 4, partial(UNet, blocks=1, **{**PUBLISHED, "width": 32}), size=3)
    with torch.no_grad():
        network.denoiser.last.bias[1 * 4 + 2] = 1.0
    logits = network(torch.randint(5, (2, 3, 4, 4)), torch.rand(2))
    assert torch.equal(logits.nonzero()[:, [1, 4]].unique(dim=0), torch.tensor([[1, 2]]))


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"hides levels of pixels, and the data has shape \[2\]: choose images"):
        MaskedPixels((2,), None, LeanUNet)


@pytest.mark.parametrize("timed", [False, True])
def test_the_time_is_told_if_asked_for(timed):
    network = filled(MaskedPixels((1, 4, 4), 3, partial(LeanUNet, width=8), timed=timed))
    index = torch.randint(4, (1, 1, 4, 4))
    early, late = (network(index, torch.full((1,), t, dtype=torch.float64)) for t in (0.1, 0.9))
    assert torch.equal(early, late) != timed
