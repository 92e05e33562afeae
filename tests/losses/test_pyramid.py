import pytest
import torch

from gen_models.losses.pyramid import LaplacianPyramid, binomial, blurred


def test_a_pyramid_weighs_octaves_alike():
    flat = torch.full((1, 1, 16, 16), 0.5)
    assert torch.allclose(blurred(flat, binomial()), flat)
    assert LaplacianPyramid(2)(flat, 0 * flat).item() == pytest.approx(16 * 0.5 * 16)
    fine = torch.ones(16).view(1, 1, 1, 16).repeat(1, 1, 16, 1)
    fine[..., ::2] = -1  # a blur by 1, 4, 6, 4, 1 takes the finest stripes away entirely, but at the edges
    assert LaplacianPyramid(2)(fine, 0 * fine).item() == pytest.approx(256, rel=0.3)


def test_under_autocast_it_has_the_same_gradient():
    torch.manual_seed(0)
    x, raw = torch.rand(4, 3, 16, 16), torch.rand(4, 3, 16, 16, requires_grad=True)
    loss = LaplacianPyramid(2)
    (plain,) = torch.autograd.grad(loss(raw, x).sum(), raw)
    with torch.autocast("cpu", torch.bfloat16):
        (mixed,) = torch.autograd.grad(loss(raw, x).sum(), raw)
    assert torch.equal(mixed, plain)
