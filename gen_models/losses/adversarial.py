"""Adversarial losses: functions of the critic's logits, (B,) for real and for generated samples."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import relu, softplus

from gen_models.bounds import Share


class Adversarial(ABC):
    """Adversarial loss: what critic and generator minimise; a logit is high where the critic believes in the sample.

    Attributes:
        compares: Whether the generator's loss needs the real logits too.
    """

    compares: ClassVar[bool] = False

    @abstractmethod
    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """Give the critic's loss, a scalar."""

    @abstractmethod
    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """Give the generator's loss, a scalar."""


def cross_entropy(real: Tensor, fake: Tensor) -> Tensor:
    """Binary cross-entropy -E log D(x) - E log(1 - D(G(z))), D the sigmoid of a logit; at its best 2 log 2 - 2 JSD."""
    return softplus(-real).mean() + softplus(fake).mean()


class Minimax(Adversarial):
    """Minimax (saturating) GAN loss: the zero-sum game, whose generator saturates where the critic is sure.

    Goodfellow et al. (2014), equation 1, https://arxiv.org/abs/1406.2661.
    """

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """-E log D(x) - E log(1 - D(G(z)))."""
        return cross_entropy(real, fake)

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """E log(1 - D(G(z)))."""
        return -softplus(fake).mean()


class NonSaturating(Adversarial):
    """Non-saturating GAN loss: the classifier's cross-entropy; the generator maximises log D.

    Goodfellow et al. (2014), section 3, https://arxiv.org/abs/1406.2661.

    Args:
        target: α, how real real samples are: less than 1 is one-sided label smoothing (Salimans et al. 2016, section
            3.4, https://arxiv.org/abs/1606.03498).
    """

    def __init__(self, target: Share = 1.0) -> None:
        self.target = target

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """-α E log D(x) - (1 - α) E log(1 - D(x)) - E log(1 - D(G(z)))."""
        doubt = 1 - self.target
        return self.target * softplus(-real).mean() + doubt * softplus(real).mean() + softplus(fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """-E log D(G(z))."""
        return softplus(-fake).mean()


class LeastSquares(Adversarial):
    """Least squares GAN loss: regression on labels, 0, 1, 1 by default; with -1, 1, 0 it is Pearson's χ².

    Mao et al. (2017), https://arxiv.org/abs/1611.04076.

    Args:
        a: What the critic says of generated samples.
        b: What it says of real ones.
        c: What the generator wants it to say of generated ones.
    """

    def __init__(self, a: float = 0.0, b: float = 1.0, c: float = 1.0) -> None:
        self.a, self.b, self.c = a, b, c

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """½ E (D(x) - b)² + ½ E (D(G(z)) - a)²."""
        return 0.5 * ((real - self.b).square().mean() + (fake - self.a).square().mean())

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """½ E (D(G(z)) - c)²."""
        return 0.5 * (fake - self.c).square().mean()


class Hinge(Adversarial):
    """Hinge GAN loss: its optimal value is 2(1 - TV) of the distributions.

    Lim and Ye (2017), https://arxiv.org/abs/1705.02894; Miyato et al. (2018), https://arxiv.org/abs/1802.05957.
    """

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))."""
        return relu(1 - real).mean() + relu(1 + fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """-E D(G(z))."""
        return -fake.mean()


class Wasserstein(Adversarial):
    """Wasserstein GAN loss: the dual of the earth mover's distance, for a critic that is kept Lipschitz.

    Arjovsky et al. (2017), https://arxiv.org/abs/1701.07875.
    """

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """E D(G(z)) - E D(x)."""
        return fake.mean() - real.mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """-E D(G(z))."""
        return -fake.mean()
