import math

import pytest
import torch

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
