"""Relativistic GAN losses (Jolicoeur-Martineau 2019, https://arxiv.org/abs/1807.00734)."""

from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from gen_models.losses.adversarial import Adversarial, cross_entropy


class RelativisticAverage(Adversarial):
    """Relativistic average GAN loss (RaGAN): each logit against the mean of the other kind.

    Jolicoeur-Martineau (2019), https://arxiv.org/abs/1807.00734. The sums are the paper's; the author's code, in
    AlexiaJM/RelativisticGAN, GAN_losses_iter.py, halves them, so that penalties weigh twice as much beside them there.
    """

    compares: ClassVar[bool] = True

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """-E log σ(D(x) - E D(G(z))) - E log(1 - σ(D(G(z)) - E D(x)))."""
        return cross_entropy(real - fake.mean(), fake - real.mean())

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """Give the critic's loss with the two kinds exchanged."""
        return self.critic(fake, _given(real))


class RelativisticPairing(Adversarial):
    """Relativistic pairing GAN loss (RpGAN): each real logit against one generated logit.

    Jolicoeur-Martineau (2019), https://arxiv.org/abs/1807.00734; in R3GAN, Huang et al. (2024), https://arxiv.org/abs/2501.05441.
    """

    compares: ClassVar[bool] = True

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """-E log σ(D(x) - D(G(z)))."""
        return softplus(fake - real).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """-E log σ(D(G(z)) - D(x))."""
        return softplus(_given(real) - fake).mean()


def _given(real: Tensor | None) -> Tensor:
    if real is None:
        raise ValueError("a relativistic loss compares: its generator needs the real logits too.")
    return real
