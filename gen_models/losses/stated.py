"""Adversarial losses stated as gradients on the critic's logits: many GANs differ in nothing else."""

from collections.abc import Callable

from torch import Tensor

from gen_models.losses.adversarial import Adversarial

LogitGradient = Callable[[Tensor], Tensor]
"""Logits (B,) to the derivative of each sample's loss by its logit, (B,)."""


class StatedGradients(Adversarial):
    """Adversarial loss given by three functions from logits to gradients; the GAN is `Believe`, `Doubt`, `Believe`.

    That is the non-saturating loss of Goodfellow et al. (2014), https://arxiv.org/abs/1406.2661. What is returned has
    exactly these gradients, averaged over the batch, and its value is not the loss.

    Args:
        real: The critic's, on real samples.
        fake: The critic's, on generated samples.
        generator: The generator's, on generated samples.
    """

    def __init__(self, real: LogitGradient, fake: LogitGradient, generator: LogitGradient) -> None:
        self._real = real
        self._fake = fake
        self._generator = generator

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """Give a scalar with the stated gradients, not the loss."""
        return _with_gradient(real, self._real) + _with_gradient(fake, self._fake)

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """Give a scalar with the stated gradient, not the loss."""
        return _with_gradient(fake, self._generator)


class Believe:
    """Gradient of -log σ(D) by the logit D: the sample shall be taken for real."""

    def __call__(self, logits: Tensor) -> Tensor:
        """Give -σ(-D) of logits (B,)."""
        return -(-logits).sigmoid()


class Doubt:
    """Gradient of -log(1 - σ(D)) by the logit D: the sample shall be taken for generated."""

    def __call__(self, logits: Tensor) -> Tensor:
        """Give σ(D) of logits (B,)."""
        return logits.sigmoid()


def _with_gradient(logits: Tensor, gradient: LogitGradient) -> Tensor:
    return (logits * gradient(logits.detach())).mean()
