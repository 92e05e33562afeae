"""Facts of van den Oord et al. (2016): WaveNet."""

import pytest
import torch

from gen_models.networks.autoregressive.wavenet import WaveNet, kernels
from tests.networks.walking import nats_of_copies, noise, total_probability, walked

SMALL = {"residual": 8, "dilated": 8, "skip": 16}


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


@pytest.mark.parametrize(("depth", "stacks", "reach"), [(3, 1, 9), (3, 2, 16), (4, 1, 17)])
def test_the_receptive_field_is_that_of_the_dilations(depth, stacks, reach):
    network = WaveNet((1, 40), 4, **SMALL, depth=depth, stacks=stacks).double()
    x, _ = noise(network, 4, 1)
    for place in (0, 11, 39):
        other = x.clone()
        other[0, 0, place] = -x[0, 0, place]
        changed = (network(other) != network(x)).any(1)[0].nonzero().flatten().tolist()
        assert changed == list(range(place + 1, min(place + reach, 39) + 1))


def test_images_are_read_in_raster_order_with_channels_last():
    network = WaveNet((3, 2, 4), 4, **SMALL, depth=5, stacks=1).double()
    x, _ = noise(network, 4, 1)
    logits = network(x).unflatten(1, (3, 4))
    for place in range(24):
        i, j, channel = place // 12, place // 3 % 4, place % 3
        other = x.clone()
        other[0, channel, i, j] = -x[0, channel, i, j]
        changed = (network(other).unflatten(1, (3, 4)) != logits).any(2)[0]
        assert changed.permute(1, 2, 0).flatten().tolist() == [later > place for later in range(24)]


@pytest.mark.parametrize(("shape", "classes"), [((1, 40), 3), ((3, 3, 4), 0), ((1, 5, 5), 0)])
def test_queues_give_what_forward_gives(shape, classes):
    network = WaveNet(shape, 17, **SMALL, depth=3, stacks=2, classes=classes)
    for layer in network.layers if classes else ():
        torch.nn.init.normal_(layer.bias.embed.weight)
    x, y = noise(network, 17)
    assert torch.allclose(walked(network, x, y), network(x, y), atol=1e-5)
    if classes:
        assert not torch.allclose(network(x, y), network(x, (y + 1) % classes), atol=1e-3)


def test_probabilities_of_all_samples_sum_to_one():
    assert total_probability(WaveNet((1, 2, 2), 2, **SMALL, depth=2)) == pytest.approx(1, abs=1e-5)
    assert total_probability(WaveNet((3, 3), 2, **SMALL, depth=2)) == pytest.approx(1, abs=1e-5)


def test_it_learns_a_period_longer_than_its_filters():
    network = WaveNet((1, 16), 2, residual=16, dilated=16, skip=32, depth=4, stacks=1)
    nats, least = nats_of_copies(network, (1, 16), lag=4)
    assert nats < 1.5 * least  # independent samples cost 4 times the least


def test_points_are_refused():
    with pytest.raises(ValueError, match="levels of pixels or sounds"):
        WaveNet((2,), None)


def test_near_levels_look_alike_at_first():
    start = WaveNet((1, 8), levels=256).entrance.weight
    near, far = (start[1:] - start[:-1]).norm(dim=1), (start[128:] - start[:128]).norm(dim=1)
    assert near.max() < 0.6 * far.min()


def test_kernels_start_by_glorot_each_as_a_convolution_of_its_own():
    """source: ibab/tensorflow-wavenet 3c973c0, wavenet/model.py: _create_variables with use_biases."""
    network = WaveNet((1, 40), 256, residual=16, dilated=24, skip=32, depth=3, entrance="glorot")
    shapes = [(16, 256, 2), *[(24, 16, 2)] * 6, *[(16, 24, 1)] * 2, *[(32, 24, 1)] * 3, (32, 32, 1), (256, 32, 1)]
    found = list(kernels(network))
    assert [tuple(kernel.shape) for kernel in found] == shapes
    for kernel in found:
        outputs, inputs, taps = kernel.shape
        assert kernel.std().item() == pytest.approx((2 / (taps * (inputs + outputs))) ** 0.5, rel=0.1)
    weights = {name: p for name, p in network.named_parameters() if p.ndim > 1}
    assert sum(kernel.numel() for kernel in found) == sum(p.numel() for p in weights.values())
    assert not any(p.any() for name, p in network.named_parameters() if name.endswith("bias"))
