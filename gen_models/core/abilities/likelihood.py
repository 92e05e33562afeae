"""Likelihoods of samples and of their tokens, and bounds on them."""

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class HasLikelihood(Protocol):
    """A model with a likelihood of levels: figures of models with other levels do not compare."""

    @property
    def levels(self) -> int | None:
        """Levels of a pixel of the data; None for a density of points, and where a loss is no likelihood."""

    @property
    def likelihood_rule(self) -> str:
        """Say how it is made: `exact`, which no bound is, `dequantised`, `bound`, `ode, heun, 50 steps, 1 probe`."""


@runtime_checkable
class HasLogProb(HasLikelihood, Protocol):
    """A model with a likelihood."""

    def log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-likelihood (B,) in nats of (B, *shape) in [-1, 1]; a density model dequantises by noise of its own."""


@runtime_checkable
class HasLikelihoodBound(HasLikelihood, Protocol):
    """A model with a lower bound on its likelihood."""

    def log_bound(self, x: Tensor, y: Tensor | None = None, draws: int = 1) -> Tensor:
        """Importance-weighted bound (B,) in nats by `draws` random numbers a sample (Burda et al. 2016).

        One draw of the latents is the ELBO; of the noise within the bins of pixels it is uniform dequantisation.
        """


@runtime_checkable
class HasSmoothLogProb(Protocol):
    """A model with a log-likelihood that is differentiable in the sample."""

    def smooth_log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-likelihood (B,) in nats, differentiable in x (B, *shape) in [-1, 1] also between the levels."""


@runtime_checkable
class HasTokenLogProb(Protocol):
    """A model with a likelihood of tokens."""

    def token_log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-likelihood (B,) in nats of the tokens of (B, *shape) in [-1, 1]: not of the pixels."""
