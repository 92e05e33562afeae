import pytest
import torch

from gen_models.losses.discrepancy import frechet, mmd2, moments, nearest_distance
from gen_models.metrics.features import Features
from gen_models.metrics.measures import fid


@pytest.fixture
def samples():
    torch.manual_seed(0)
    return torch.randn(40, 6).double() @ torch.randn(6, 6).double(), torch.randn(50, 6).double() + 1


def test_the_distance_is_fid(samples):
    fake, real = samples
    expected = fid(Features(fake), Features(real)).value
    assert frechet(fake, moments(real)).item() == pytest.approx(expected, rel=1e-3)
    assert frechet(real, moments(real)).item() == pytest.approx(0, abs=1e-8)


def test_its_gradient_is_that_of_finite_differences(samples):
    fake, real = samples
    target = moments(real)
    assert torch.autograd.gradcheck(lambda x: frechet(x, target), fake[:12].requires_grad_())
    few = fake[:3].detach().requires_grad_()  # fewer than features: the covariance has no full rank
    (gradient,) = torch.autograd.grad(frechet(few, target), few)
    direction, step = torch.randn_like(few), 1e-6
    ends = [frechet(few.detach() + sign * step * direction, target) for sign in (1, -1)]
    assert (gradient * direction).sum().item() == pytest.approx(((ends[0] - ends[1]) / (2 * step)).item(), rel=1e-4)


def test_equal_distributions_have_no_discrepancy_on_average_and_gradients_draw_samples_near():
    torch.manual_seed(0)
    draws = torch.stack([mmd2(torch.randn(30, 2), torch.randn(30, 2), (0.5, 1, 2)) for _ in range(200)])
    assert abs(draws.mean()) < 3 * draws.std() / 200**0.5
    far = (torch.randn(30, 2) + 3).requires_grad_()
    value = mmd2(far, torch.randn(30, 2), (0.5, 1, 2))
    value.backward()
    assert value > 20 * draws.std()
    assert (far.grad.sum(0) > 0).all()
    assert torch.autograd.gradcheck(
        lambda x: mmd2(x, torch.eye(4).double(), (1.0,)), torch.rand(3, 4).double().requires_grad_()
    )


def test_the_nearest_is_another_one():
    assert nearest_distance(torch.tensor([[0.0, 0], [3, 4], [0, 1]])).tolist() == pytest.approx([1, 18**0.5, 1])
