"""What is promised of causal networks: nothing sees itself or what comes later, and walking gives the same."""

from copy import deepcopy

import pytest
import torch
from torch.autograd.functional import jacobian

from gen_models.networks.autoregressive.causal import ClassBias
from gen_models.networks.autoregressive.causal_transformer import CausalTransformer
from gen_models.networks.autoregressive.gated_pixelcnn import GatedPixelCNN
from gen_models.networks.autoregressive.pixelcnn import PixelCNN
from gen_models.networks.autoregressive.pixelcnn_pp import PixelCNNpp, halvings

NETWORKS = {
    "pixelcnn": lambda shape, **rest: PixelCNN(shape, 3, width=12, blocks=3, hidden=30, **rest),
    "gated_pixelcnn": lambda shape, **rest: GatedPixelCNN(shape, 3, width=30, layers=6, hidden=30, **rest),
    "pixelcnn_pp": lambda shape, **rest: PixelCNNpp(shape, 3, width=6, blocks=2, components=2, **rest),
    "image_transformer": lambda shape, **rest: CausalTransformer(shape, 3, width=8, depth=2, heads=2, **rest),
}
every_network = pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)


def shaken(network):
    """In evaluation mode, in double precision, with weights so large that nothing is hidden by a small one."""
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2).add_(0.1 * torch.randn_like(parameter))
    return network.double().eval()


def dependence(network):
    """Whether the parameters of dimension i depend on dimension j, (D, D), in raster and channel order."""
    channels = network.shape[0]
    owners = 1 if isinstance(network, PixelCNNpp) else channels  # whose parameters are told apart
    x = torch.rand(8, *network.shape, dtype=torch.double) * 2 - 1  # several, for the sake of dead ReLUs
    weights = torch.rand(network.outputs, 1, 1, dtype=torch.double)
    seen = jacobian(lambda x: (network(x) * weights).unflatten(1, (owners, -1)).sum((0, 2)), x).abs().sum(3)
    seen = seen.expand(channels, *[-1] * 5).flatten(4).flatten(1, 2)  # channel, position, channel, position
    return seen.permute(1, 0, 3, 2).flatten(2).flatten(0, 1) > 0


@every_network
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 4, 4)])
def test_a_dimension_sees_what_is_before_it_and_nothing_else(build, shape):
    network = shaken(build(shape))
    seen = dependence(network)
    before = torch.ones_like(seen).tril(-1)
    if isinstance(network, PixelCNNpp):  # the channels of a pixel are for the distribution to relate
        pixels = torch.ones(shape[1] * shape[2], shape[1] * shape[2]).tril(-1)
        before = pixels.repeat_interleave(shape[0], 0).repeat_interleave(shape[0], 1).bool()
    if isinstance(network, PixelCNN) and shape[2] > 4:
        assert not (seen & ~before).any()
    else:
        assert torch.equal(seen, before)


def test_only_pixelcnn_has_a_blind_spot():
    plain, gated = (dependence(shaken(NETWORKS[name]((1, 3, 9)))).view(3, 9, 3, 9) for name in list(NETWORKS)[:2])
    assert plain[2, 0, 1].tolist() == [True] * 4 + [False] * 5  # one row up, only the first kernel looks to the right
    assert gated[2, 0, 1].all()


@every_network
@pytest.mark.parametrize(("shape", "classes"), [((1, 8, 8), 0), ((3, 8, 8), 2), ((2, 3, 5), 2)])
@torch.no_grad()
def test_walking_gives_what_the_whole_network_gives(build, shape, classes):
    network = shaken(build(shape, classes=classes))
    x, y = torch.rand(2, *shape, dtype=torch.double) * 2 - 1, torch.tensor([0, 1])
    expected = network(x, y).flatten(2)
    step, canvas = network.stepper(2, y), torch.zeros_like(x)
    for position in range(expected.shape[2]):
        for channel in range(shape[0]):
            known = network.outputs if isinstance(network, PixelCNNpp) else 3 * (channel + 1)
            found, wanted = step(canvas, position, channel)[:, :known], expected[:, :known, position]
            assert torch.allclose(found, wanted, atol=1e-5, rtol=1e-5)
            canvas.flatten(2)[:, channel, position] = x.flatten(2)[:, channel, position]


@every_network
def test_the_class_tells_only_where_it_is_asked_for(build):
    told, untold = build((1, 4, 4), classes=2), build((1, 4, 4))
    x = torch.zeros(1, 1, 4, 4)
    alike = torch.equal(told.eval()(x, torch.tensor([0])), told(x, torch.tensor([1])))
    assert alike == (not isinstance(told, PixelCNNpp))  # whose biases for a class are the only ones not 0 at first
    shaken(told)
    assert not torch.equal(told(x.double(), torch.tensor([0])), told(x.double(), torch.tensor([1])))
    assert not any(module.embed for module in untold.modules() if isinstance(module, ClassBias))
    with pytest.raises(ValueError, match="conditional"):
        told(x.double())


@every_network
def test_points_and_sounds_are_refused_in_a_sentence(build):
    with pytest.raises(ValueError, match="data=digits"):
        build((2,))
    with pytest.raises(ValueError, match="model=wavenet"):
        build((1, 100))


def test_sizes_decide_the_scales():
    assert [halvings(size) for size in [(32, 32), (28, 28), (8, 8), (7, 8), (2, 2)]] == [2, 2, 1, 0, 0]


def test_checkpoints_that_hold_masks_load():
    network, other = NETWORKS["pixelcnn"]((3, 4, 4)), deepcopy(NETWORKS["pixelcnn"]((3, 4, 4)))  # as averages are
    state = network.state_dict()
    assert not any("mask" in name for name in state)
    masks = {name: torch.zeros_like(mask) for name, mask in network.named_buffers()}
    assert masks
    other.load_state_dict(state | masks)
    x = torch.rand(2, 3, 4, 4)
    assert torch.equal(other(x), network(x))
