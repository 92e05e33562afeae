import torch

from gen_models.losses.adversarial import NonSaturating
from tests.losses.test_adversarial import LOSSES, gradient


def test_the_ordinary_gan_stated_as_gradients_is_the_ordinary_gan():
    stated, ordinary = LOSSES["stated_gan"], NonSaturating()
    real, fake = torch.randn(2, 64, generator=torch.Generator().manual_seed(0)) * 5
    sides = (
        lambda loss: gradient(loss.critic, real, fake),
        lambda loss: gradient(lambda f: loss.critic(real, f), fake),
        lambda loss: gradient(loss.generator, fake),
    )
    for side in sides:
        torch.testing.assert_close(side(stated), side(ordinary), rtol=1e-5, atol=1e-9)
