import pytest
import torch

from gen_models.losses.adversarial import Hinge
from gen_models.losses.total_variation import BoundedTotalVariation, ClippedTotalVariation, PenalisedTotalVariation
from tests.losses.test_adversarial import best_value, gradient, total_variation


@pytest.mark.parametrize(
    ("loss", "height", "factor"),
    [
        (BoundedTotalVariation(), 20.0, 1),
        (PenalisedTotalVariation(weight=1.5, cap=0.5), 0.5, 1),
        (PenalisedTotalVariation(weight=2.0, cap=1.0), 1.0, 2),
        (ClippedTotalVariation(), 1.0, 2),
    ],
)
def test_the_best_critic_finds_the_total_variation(loss, height, factor):
    found = best_value(loss, lambda p, q: height * torch.sign(p - q))
    assert found == pytest.approx(-factor * total_variation(), abs=1e-5)


def test_the_plain_penalty_has_no_equilibrium_but_zero():
    real, fake = torch.tensor([3.0, 1.0]), torch.tensor([-2.0, 1.0])
    weak, strong = (PenalisedTotalVariation(weight, cap=0.0) for weight in (0.5, 1.0))
    assert weak.critic(10 * real, 10 * fake) == 10 * weak.critic(real, fake) < 0
    assert strong.critic(real, fake) >= 0 == strong.critic(0 * real, 0 * fake)


def test_the_clipped_critic_has_the_hinge_gradients():
    real, fake = torch.randn(2, 100, generator=torch.Generator().manual_seed(0)) * 2
    assert torch.equal(gradient(ClippedTotalVariation().critic, real, fake), gradient(Hinge().critic, real, fake))
    assert gradient(ClippedTotalVariation().critic, torch.tensor([2.0]), fake) == 0


def test_a_sure_critic_leaves_only_the_linear_generator_something():
    sure = torch.tensor([-10.0])
    assert abs(gradient(BoundedTotalVariation().generator, sure).item()) < 1e-7
    assert gradient(ClippedTotalVariation(clip_generator=True).generator, sure) == 0
    assert gradient(ClippedTotalVariation().generator, sure) == -1
