"""Capabilities of a model beyond sampling, as protocols; callbacks and analyses ask for nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeGuard, runtime_checkable

from torch import Tensor

from gen_models.latents.codes import Codes


@runtime_checkable
class Truncates(Protocol):
    """A model whose latents can be truncated (Brock et al. 2019, https://arxiv.org/abs/1809.11096)."""

    def truncate(self, limit: float, passes: int) -> None:
        """Sample latents of at most `limit`, with batch statistics of `passes` batches of such samples."""


@runtime_checkable
class HasWay(Protocol):
    """A model whose sampling has settings (a temperature, a solver and its steps)."""

    @property
    def way(self) -> Mapping[str, Any]:
        """All settings of sampling by name, as they are now: plain numbers, words and truth values."""

    def set_way(self, **settings: Any) -> None:
        """Change the settings, given all of them by the names of `way`; raise UsageError for a value out of range."""


@runtime_checkable
class HasEvaluations(Protocol):
    """A model whose samples take several evaluations of its network, one after another."""

    @property
    def evaluations(self) -> int | None:
        """Evaluations for a sample (NFE), guided ones of two classes counted once; None where they depend on it."""


@runtime_checkable
class Reconstructs(Protocol):
    """A model that reconstructs samples."""

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Encode and decode (B, *shape) in [-1, 1], without noise."""


@runtime_checkable
class Encodes(Protocol):
    """A model with a code for each sample."""

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the codes (B, D) of (B, *shape) in [-1, 1], without noise."""


@runtime_checkable
class Decodes(Protocol):
    """A model with a sample for each code."""

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] of codes (B, D)."""


@runtime_checkable
class HasTokens(Protocol):
    """A model with a grid of tokens for each sample."""

    @property
    def vocabulary(self) -> int:
        """Codes K that a token can be."""

    @property
    def grid(self) -> tuple[int, int]:
        """Rows h and columns w of tokens."""

    def tokenise(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the tokens (B, h, w) int64 in 0..K - 1 of (B, *shape) in [-1, 1]."""

    def detokenise(self, tokens: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that tokens (B, h, w) stand for."""


@runtime_checkable
class HasTokenLevels(HasTokens, Protocol):
    """A model with tokens of several levels, the coarsest first: rows of its grid are no rows of a picture."""

    @property
    def token_grids(self) -> Sequence[tuple[int, int]]:
        """Rows and columns of each level."""


@runtime_checkable
class HasTokenLogProb(Protocol):
    """A model with a likelihood of tokens."""

    def token_log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-likelihood (B,) in nats of the tokens of (B, *shape) in [-1, 1]: not of the pixels."""


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
class Scores(Protocol):
    """A model with a critic of samples."""

    def score(self, x: Tensor, y: Tensor) -> Tensor:
        """Give the critic's logits (B,) of (B, *shape) in [-1, 1] and their classes; more looks more real to it."""


@runtime_checkable
class Classifies(Protocol):
    """A classifier."""

    def classify(self, x: Tensor) -> Tensor:
        """Give logits (B, K) of (B, *shape) in [-1, 1]."""


@runtime_checkable
class HasTrajectory(Protocol):
    """A model whose sampling has steps to look at."""

    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw n samples and give all T states of the canvas (T, n, *shape) in [-1, 1]; the last is the sample."""


@runtime_checkable
class MayDrawAtOnce(Protocol):
    """A model whose sampling has steps with some of its networks, and a single one with others."""

    @property
    def draws_at_once(self) -> bool:
        """Whether it has a single one: a trajectory is the sample alone."""


def draws_in_steps(model: object) -> TypeGuard[HasTrajectory]:
    """Whether there is more to look at than the sample."""
    return isinstance(model, HasTrajectory) and not (isinstance(model, MayDrawAtOnce) and model.draws_at_once)


@runtime_checkable
class HasStates(Protocol):
    """A model whose samples come out of noise, state after state, at known times."""

    def route(self) -> list[float]:
        """Give the times of a sample's states, from noise to data."""

    def states(self, z: Tensor, y: Tensor | None) -> Iterator[tuple[float, Tensor]]:
        """Give times and states (B, *shape) of samples of classes (B,) that begin with noise z ~ N(0, 1)."""


@runtime_checkable
class HasVelocity(Protocol):
    """A model whose samples follow an equation dx/dt = v(x, t)."""

    def velocity(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """Give dx/dt (B, *shape) of states of classes (B,) at time t."""


@runtime_checkable
class HasCodePrior(Protocol):
    """A model with a prior of its codes."""

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw n codes (n, D) from the prior, of classes (n,) where it tells them apart."""


@runtime_checkable
class HasStyles(Protocol):
    """A model whose samples can have some scales of one code and the others of another (style mixing)."""

    @property
    def style_scales(self) -> int:
        """Scales that can have a code, or a part of it, of their own, from coarse to fine; 0 where all share one."""

    def mix(self, z: Tensor, other: Tensor, taken: slice, y: Tensor | None = None) -> Tensor:
        """Give samples (B, *shape) in [-1, 1] of codes z (B, D), with the scales `taken` of others (B, D)."""


@runtime_checkable
class HasCodes(Protocol):
    """A model whose latents have entries with a meaning (InfoGAN); `encode` gives these entries only."""

    def codes(self) -> Codes:
        """Give their places in a latent and their distributions."""

    def draw_latents(self, n: int) -> Tensor:
        """Draw n whole latents (n, D): codes and noise."""

    def decode_latents(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] of whole latents (B, D)."""


@runtime_checkable
class HasItemLatents(Decodes, Protocol):
    """A model with a latent for each training item."""

    def latents_of(self, index: Tensor) -> Tensor:
        """Give the latents (B, D) of the training items at these positions (B,)."""

    def recall(self, index: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the training items (B, *shape) in [-1, 1] at these positions as the training draws them in a batch."""


@runtime_checkable
class HasRestorations(Protocol):
    """A model that restores one damaged picture."""

    def restored(self) -> dict[str, Tensor]:
        """Give pictures (*shape) in [-1, 1] by name: the `clean` one, what was `observed`, and what was made of it."""


@runtime_checkable
class HasSmoothLogProb(Protocol):
    """A model with a log-likelihood that is differentiable in the sample."""

    def smooth_log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-likelihood (B,) in nats, differentiable in x (B, *shape) in [-1, 1] also between the levels."""


@runtime_checkable
class Completes(Protocol):
    """A model that completes samples (inpainting of what comes later)."""

    def complete(self, x: Tensor, keep: int, y: Tensor | None = None) -> Tensor:
        """Keep the first rows of images, or moments of sounds, (B, *shape) in [-1, 1], and draw what follows."""


@runtime_checkable
class Inpaints(Protocol):
    """A model that completes any part of samples (inpainting)."""

    def inpaint(self, x: Tensor, known: Tensor, y: Tensor | None = None) -> Tensor:
        """Keep (B, *shape) in [-1, 1] where `known`, a mask that broadcasts to it, is true, and draw the rest."""


@runtime_checkable
class HasTwoStages(Protocol):
    """A model that learns a space first, and then to draw from it."""

    @property
    def drawing(self) -> bool:
        """Whether the space is there, by the images that the clock has counted."""
