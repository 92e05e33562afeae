"""Adversarial losses: functions of the critic's logits, (B,) for real and for generated samples."""

from typing import Protocol, runtime_checkable

from torch import Tensor
from torch.nn.functional import relu, softplus


@runtime_checkable
class Adversarial(Protocol):
    """What the two sides of a game minimise; a logit is high where the critic believes in the sample."""

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """Give the critic's loss, a scalar."""

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """Give the generator's loss, a scalar."""


class NonSaturating:
    """The classifier's cross-entropy; the generator maximises log D (Goodfellow et al. 2014, section 3)."""

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """-E log D(x) - E log(1 - D(G(z)))."""
        return softplus(-real).mean() + softplus(fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """-E log D(G(z))."""
        return softplus(-fake).mean()


class Hinge:
    """The hinge loss (Lim and Ye 2017; Miyato et al. 2018): its optimal value is 2(1 - TV) of the distributions."""

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))."""
        return relu(1 - real).mean() + relu(1 + fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """-E D(G(z))."""
        return -fake.mean()


class Wasserstein:
    """The dual of the earth mover's distance (Arjovsky et al. 2017), for a critic that is kept Lipschitz."""

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """E D(G(z)) - E D(x)."""
        return fake.mean() - real.mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """-E D(G(z))."""
        return -fake.mean()
