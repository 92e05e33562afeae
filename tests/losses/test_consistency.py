import pytest
import torch

from gen_models.losses.consistency import Consistency
from gen_models.losses.latent_penalties import LatentConsistency

Y = torch.zeros(8, dtype=torch.long)


def test_only_what_the_twin_changes_costs():
    real, fake = torch.randn(2, 8, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    cost = lambda penalty: penalty(lambda x, y: x.mean((1, 2, 3)), real, fake, Y).item()  # noqa: E731
    assert cost(Consistency(10.0, lambda x: x.flip(-1))) < 1e-10
    assert cost(Consistency(10.0, lambda x: x + 0.5)) == pytest.approx(2.5)
    assert cost(Consistency(10.0, lambda x: x + 0.5, balanced=True)) == pytest.approx(5.0)


def test_latents_nearby_look_different_and_are_judged_alike():
    torch.manual_seed(0)
    z, weight = torch.randn(4096, 1), torch.tensor(2.0, requires_grad=True)
    penalty, y = LatentConsistency(critic_weight=5.0, generator_weight=0.5, sigma=0.1), torch.zeros(4096).long()
    generate = lambda z, y: weight * z  # noqa: E731
    critic = penalty.critic(lambda x, y: 3 * x.squeeze(1), generate, z, y)
    assert critic.item() == pytest.approx(5 * 9 * 4 * 0.01, rel=0.1)
    assert not critic.requires_grad
    generator = penalty.generator(generate, z, y)
    assert generator.item() == pytest.approx(-0.5 * 4 * 0.01, rel=0.1)
    generator.backward()
    assert weight.grad < 0
