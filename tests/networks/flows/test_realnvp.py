"""RealNVP's networks and normalisations, as in the authors' code (tensorflow/models, research/real_nvp)."""

import pytest
import torch

from gen_models.networks.flows.batchnorm import BatchNormalisation
from gen_models.networks.flows.coupling import checkerboard
from gen_models.networks.flows.realnvp import RealNVP
from gen_models.networks.flows.residual import NormedConvolution, ResidualNet
from tests.networks.flows.authors import begin_with_even_places, shift_first
from tests.waves import digest, fill, waves


def variables(inputs, outputs, width, blocks, masked):
    """Those of masked_conv_aff_coupling or conv_ch_aff_coupling with a resnet, in real_nvp_multiscale_dataset.py."""
    start = inputs + 9 * (2 * inputs + masked) * width + width  # bn_in, h_in
    skip = width * width + 2 * width  # weights, biases, magnitude
    block = width + 9 * width * width + width + 9 * width * width + 2 * width  # bn_in, h_0, bn_0, out
    end = width + width * outputs + 2 * outputs + 1  # bn_pre_out, out; scale of the hyperbolic tangent
    return start + skip + blocks * (block + skip) + end


def test_the_published_network_of_cifar10_has_the_authors_variables():
    """Section 4.1: two scales, 8 residual blocks of 64 maps; widths double as in rec_masked_conv_coupling."""
    with torch.device("meta"):
        flow = RealNVP((3, 32, 32), scales=2, width=64, blocks=8)
    fine = 3 * variables(3, 6, 64, 8, True) + 3 * variables(6, 12, 128, 8, False)
    coarse = 4 * variables(6, 12, 128, 8, True)
    assert sum(p.numel() for p in flow.parameters()) == fine + coarse == 19_609_545


def test_filters_have_the_learned_norm_or_one():
    layer, unit = NormedConvolution(3, 5, 3), NormedConvolution(3, 5, 3, scaled=False)
    spike = torch.zeros(1, 3, 9, 9)
    spike[0, :, 4, 4] = torch.eye(3)[0]
    for made, norm in ((layer, 1.5**0.5), (unit, 1.0)):
        responses = torch.stack([made(torch.roll(spike, c, 1))[0] for c in range(3)])  # each filter, upside down
        assert torch.allclose(responses.square().sum((0, 2, 3)), torch.full((5,), norm**2))


def test_the_network_sees_both_signs_and_the_mask():
    net = ResidualNet(2, 4, width=6, blocks=1, mask=checkerboard(3, 4)).eval()
    seen = []
    net.first.register_forward_hook(lambda _, inputs, output: seen.append(inputs[0]))
    x = torch.randn(5, 2, 3, 4) * net.mask
    net(x)
    scale = 2 / (1 + 1e-4) ** 0.5
    expected = torch.cat([scale * x, -scale * x, checkerboard(3, 4).expand(5, 1, 3, 4)], dim=1).relu()
    assert torch.allclose(seen[0], expected)
    assert ResidualNet(2, 4, width=6, blocks=1).first.weight.shape == (6, 4, 3, 3)


def test_skips_carry_every_block_to_the_output():
    net = ResidualNet(2, 4, width=6, blocks=3)
    net(torch.randn(4, 2, 5, 5)).square().sum().backward()
    assert len(net.skips) == 4
    assert all(skip.weight.grad.abs().max() > 0 for skip in net.skips)


def test_training_normalises_what_has_moved_by_the_batch_and_evaluation_by_the_past():
    moves = torch.tensor([1.0, 0.0]).view(2, 1, 1)
    norm = BatchNormalisation(moves, 2)
    x = 3 * torch.randn(64, 2, 4, 4) + 5
    z, log_det = norm(x)
    assert torch.equal(z[:, 1], x[:, 1])
    assert z[:, 0].mean().item() == pytest.approx(0, abs=1e-4)
    assert z[:, 0].std(correction=0).item() == pytest.approx(1, abs=1e-4)
    assert torch.allclose(log_det, -16 * x[:, 0].std(correction=0).log().expand(64), atol=1e-3)
    assert norm.mean.flatten().tolist() == pytest.approx([0.1 * x[:, 0].mean().item(), 0.0], abs=1e-5)
    norm.eval()
    assert torch.allclose(norm(x[:3])[0], norm(x)[0][:3])


def test_a_density_depends_on_no_other_sample_and_follows_the_training():
    torch.manual_seed(0)
    flow = RealNVP((1, 4, 4), width=4, blocks=1)
    x = torch.rand(256, 1, 4, 4)
    for _ in range(60):
        trained = flow(x)[1].mean()
    flow.eval()
    assert flow(x)[1].mean().item() == pytest.approx(trained.item(), rel=0.02)
    assert torch.allclose(flow(x[:2])[0], flow(x)[0][:2], atol=1e-5)
    assert torch.allclose(flow.inverse(flow(x)[0]), x, atol=1e-4)


def test_latents_and_determinant_are_those_of_the_authors_program():
    """Two scales with all their couplings, in training: order of squeezes, masks, residual networks, normalisations."""
    flow = RealNVP((3, 8, 8), scales=2, width=4, blocks=2)
    fill(flow)
    shift_first(flow)
    begin_with_even_places(flow)
    z, log_det = flow(0.9 * waves(5, 3, 8, 8, shift=0.25))
    # source: tensorflow/models (hartikainen/models 20070ca4), research/real_nvp/real_nvp_multiscale_dataset.py, encoder
    assert digest(z) == pytest.approx([1.533269, -0.920767, 0.490642, 0.009178, 1.222827, 1.391313], abs=1e-4)
    expected = [136.645935, 125.638245, 141.278412, 138.811542, 139.032806, 97.946660]
    assert digest(log_det) == pytest.approx(expected, abs=1e-3)
