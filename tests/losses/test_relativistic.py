import math

import pytest
import torch

from gen_models.losses.penalties import R1, R2
from gen_models.losses.relativistic import RelativisticAverage, RelativisticPairing


@pytest.mark.parametrize("loss", [RelativisticAverage(), RelativisticPairing()])
def test_only_differences_count_and_the_sides_are_antisymmetric(loss):
    real, fake = torch.randn(2, 50, generator=torch.Generator().manual_seed(0)).double()
    assert loss.compares
    assert loss.critic(real + 3, fake + 3).item() == pytest.approx(loss.critic(real, fake).item())
    assert loss.generator(fake, real).item() == pytest.approx(loss.critic(fake, real).item())
    assert loss.critic(real + 5, fake) < loss.critic(real, fake) < loss.generator(fake, real + 5)
    with pytest.raises(ValueError, match="real logits"):
        loss.generator(fake)


def test_values_in_closed_form():
    real, fake = torch.tensor([1.0, 3.0]), torch.tensor([0.0, 1.0])
    softplus = [math.log1p(math.exp(v)) for v in (-1.0, -2.0)]
    assert RelativisticPairing().critic(real, fake).item() == pytest.approx(sum(softplus) / 2)
    softplus = [math.log1p(math.exp(v)) for v in (-0.5, -2.5, -2.0, -1.0)]
    assert RelativisticAverage().critic(real, fake).item() == pytest.approx(sum(softplus) / 2)


def dirac_game(penalties, turns=200, rate=0.25):
    """Play a Dirac-GAN: data at 0, samples at θ, a critic D(x) = ψ x; how far (θ, ψ) ends from (0, 0)."""
    theta, psi = (torch.tensor([1.0], requires_grad=True) for _ in range(2))
    loss, zero, y = RelativisticPairing(), torch.zeros(1, 1), torch.zeros(1, dtype=torch.long)
    for _ in range(turns):
        fake = theta[None]
        terms = [penalty(lambda x, y: (x * psi).sum(1), zero, fake.detach(), y) for penalty in penalties]
        critic = loss.critic(zero[:, 0], psi * fake.detach()[:, 0]) + sum(terms)
        (slope,) = torch.autograd.grad(critic, psi)
        (pull,) = torch.autograd.grad(loss.generator(psi.detach() * fake[:, 0], zero[:, 0]), theta)
        with torch.no_grad():
            psi.sub_(rate * slope)
            theta.sub_(rate * pull)
    return math.hypot(theta.item(), psi.item())


def test_a_dirac_game_converges_with_its_penalties_and_circles_without():
    """Huang et al. (2024), section 3; the Dirac-GAN is that of Mescheder et al. (2018)."""
    assert dirac_game([R1(1.0), R2(1.0)]) < 1e-2
    assert dirac_game([]) > 0.5
