"""Glow's network, as in the authors' code (openai/glow, model.py and tfops.py)."""

import torch
from torch.nn.functional import conv2d, pad

from gen_models.networks.flows.actnorm import ActNorm
from gen_models.networks.flows.glow import Glow
from gen_models.networks.flows.nets import EdgeConvolution, ZeroConvolution
from gen_models.networks.flows.scales import LearnedPrior


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
