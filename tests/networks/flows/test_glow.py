"""Glow's network, as in the authors' code (openai/glow, model.py and tfops.py)."""

from math import log

import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, pad

from gen_models.latents.priors import Normal
from gen_models.networks.flows.actnorm import ActNorm
from gen_models.networks.flows.coupling import BoundedSigmoid, Sigmoid
from gen_models.networks.flows.glow import Glow
from gen_models.networks.flows.mixing import InvertibleLinear
from gen_models.networks.flows.nets import EdgeConvolution, GlowNet, ZeroConvolution
from gen_models.networks.flows.scales import LearnedPrior
from tests.networks.flows.authors import shift_first
from tests.waves import digest, fill, waves


def variables(levels, steps, width, channels):
    """Those of model.py at --flow_permutation 2 --flow_coupling 1 --learntop, for a picture of so many channels."""
    zeros = lambda inputs, outputs: 9 * (inputs + 1) * outputs + 2 * outputs  # noqa: E731 (conv2d_zeros)
    total, count = 0, 4 * channels
    for level in range(levels):
        net = 9 * (count // 2 + 1) * width + width * width + 4 * width + zeros(width, count)
        total += steps * (2 * count + count * count + net)
        last = level == levels - 1
        total += zeros(2 * count, 2 * count) if last else zeros(count // 2, count)
        count *= 2
    return total


def test_the_published_network_of_cifar10_has_the_authors_variables():
    """But for the rotations, which are there as P L (U + diag s), and zeros that the last prior's filters see."""
    with torch.device("meta"):
        flow = Glow((3, 32, 32), levels=3, steps=32, width=512)
    authors = variables(3, 32, 512, 3)
    rotations = sum(32 * (count * count + count) for count in (12, 24, 48))
    top = 9 * 96 * 96 - 96  # less the table that takes classes, too
    assert authors == 44_603_604
    assert sum(p.numel() for p in flow.parameters()) == authors + rotations - top == 44_620_212


def test_an_edge_bias_is_a_plane_that_is_one_in_the_padding():
    layer = EdgeConvolution(2, 5)
    torch.nn.init.normal_(layer.weight)
    x = torch.randn(3, 2, 4, 6)
    padded = torch.cat([pad(x, (1, 1, 1, 1)), pad(torch.zeros(3, 1, 4, 6), (1, 1, 1, 1), value=1.0)], dim=1)
    assert torch.allclose(layer(x), conv2d(padded, layer.weight), atol=1e-5)
    alone = EdgeConvolution(0, 5)
    torch.nn.init.ones_(alone.weight)
    outer, inner = [5, 3, 3, 3, 3, 5], [3, 0, 0, 0, 0, 3]
    assert alone(x[:, :0])[0, 0].tolist() == [outer, inner, inner, outer]


def test_gains_are_learned_three_times_as_fast():
    norm, last = ActNorm(2).eval(), ZeroConvolution(3, 2)
    torch.nn.init.constant_(norm.log_gain, 0.5)
    torch.nn.init.constant_(last.log_gain, 0.5)
    torch.nn.init.ones_(last.bias)
    e = torch.tensor(1.5).exp()
    assert torch.allclose(norm(torch.ones(1, 2, 3, 3))[0], e.expand(1, 2, 3, 3))
    assert torch.allclose(norm(torch.ones(1, 2, 3, 3))[1], torch.tensor([9 * 2 * 1.5]))
    assert torch.allclose(last(torch.ones(1, 3, 2, 2)), e.expand(1, 2, 2, 2))


def test_the_last_prior_knows_the_edges():
    prior = LearnedPrior(2)
    x = torch.ones(1, 2, 4, 4)
    assert torch.equal(prior(x)[0], x)
    torch.nn.init.normal_(prior.edges.layer.weight)
    z = prior(x)[0][0, 0]
    assert len(z.unique()) == 9  # four corners, four sides, the middle
    assert torch.equal(z[1:3, 1:3], x[0, 0, 1:3, 1:3])


@torch.no_grad()
def agreed():
    """Glow of two levels of two steps with weights that two programs can agree on, and a standard last prior."""
    flow = Glow((3, 8, 8), levels=2, steps=2, width=6).eval()
    fill(flow, spread=0.2)
    for part in flow.modules():
        if isinstance(part, InvertibleLinear):
            count = len(part.sign)
            part.permutation.copy_(torch.eye(count).flip(0))
            part.sign.fill_(1)[::3] = -1
            part.log_s.copy_(waves(count) / 10)
        if isinstance(part, LearnedPrior):
            for parameter in part.parameters():
                nn.init.zeros_(parameter)
    return flow


def test_latents_and_density_are_those_of_the_authors_program():
    """Actnorm, 1x1 convolution, coupling by σ(h + 2) with edge biases, a split with its Gaussian, squeezes.

    Their split predicts mean and log-deviation, ours the map to the standard Gaussian: raw numbers have other signs.
    """
    flow = agreed()
    shift_first(flow)
    z, log_det = flow(waves(4, 3, 8, 8, shift=0.25))
    # source: openai/glow 91b2c57, model.py: codec and prior, --flow_permutation 2 --flow_coupling 1
    assert digest(z) == pytest.approx([-0.246802, -0.478024, -2.840708, 0.117620, 1.693395, 1.310660], abs=1e-4)
    expected = [-648.821533, -511.558044, -416.333832]
    assert (Normal().log_prob(z) + log_det)[:3].tolist() == pytest.approx(expected, abs=2e-3)


def test_gains_within_the_weights_are_gains_after_the_convolutions():
    """The coupling network folds actnorms into its convolutions; its values and gradients are those of both apart."""
    torch.manual_seed(0)
    net, x = GlowNet(2, 4, width=6, classes=0), torch.randn(5, 2, 6, 6)
    for parameter in net.parameters():
        nn.init.normal_(parameter, 0.0, 0.3)
    first = net(x)  # takes shifts and gains from these maps
    assert all(norm.initialised for norm in net.norms)
    maps = x
    for layer, norm in zip(net.layers, net.norms, strict=True):
        maps = norm.normalise(layer(maps)).relu()
    apart = (net.last.layer(maps) + net.last.bias) * (3 * net.last.log_gain).exp()
    assert torch.allclose(first, apart, atol=1e-4)
    of = [torch.autograd.grad(found.square().mean(), list(net.parameters())) for found in (net(x), apart)]
    assert all(torch.allclose(a, b, rtol=1e-3, atol=1e-3 * b.abs().max().item()) for a, b in zip(*of, strict=True))


def test_couplings_stay_in_the_memory_format_of_pictures():
    """A coupling that leaves it has the next convolution convert its maps, and its gradient once more."""
    raw = torch.linspace(-40, 40, 2 * 4 * 3 * 5).view(2, 4, 3, 5).contiguous(memory_format=torch.channels_last)
    log_scale, _ = Sigmoid()(raw)
    assert log_scale.is_contiguous(memory_format=torch.channels_last)
    assert torch.allclose(log_scale, torch.nn.functional.logsigmoid(raw[:, :2] + 2), rtol=1e-6)
    layer = EdgeConvolution(2, 6).to(memory_format=torch.channels_last)
    assert layer(raw[:, :2], torch.ones(6, 1, 1)).is_contiguous(memory_format=torch.channels_last)


def test_bounded_scales_lie_between_a_half_and_one():
    """As 0.5 + 0.5 σ(h + 2), without the loss of digits near the bounds."""
    raw = torch.linspace(-200, 200, 2 * 4 * 3 * 5).view(2, 4, 3, 5).contiguous(memory_format=torch.channels_last)
    log_scale, _ = BoundedSigmoid()(raw)
    assert log_scale.is_contiguous(memory_format=torch.channels_last)
    assert torch.allclose(log_scale.exp(), 0.5 + 0.5 * (raw[:, :2] + 2).sigmoid(), atol=1e-5)
    assert -log_scale.min().item() == pytest.approx(log(2), abs=1e-4)


@pytest.mark.parametrize(("coupling", "explodes"), [("affine", True), ("bounded", False), ("additive", False)])
def test_only_affine_couplings_lead_far_from_the_data(coupling, explodes):
    """Each divides by a scale near zero, and its quotient brings the next one's nearer to zero."""
    torch.manual_seed(0)
    flow = Glow((1, 8, 8), levels=1, steps=8, width=16, coupling=coupling).eval()
    for net in flow.modules():
        if isinstance(net, GlowNet):
            nn.init.normal_(net.last.layer.weight, 0.0, 0.1)
            nn.init.normal_(net.layers[0].weight, 0.0, 0.3)
    with torch.no_grad():
        x = flow.inverse(4 * torch.randn(200, 64))
    assert x.isfinite().all()
    assert (x.abs().max() > 1e6).item() == explodes
