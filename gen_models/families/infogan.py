"""Chen et al. (2016): InfoGAN, and all games whose critic reads codes back."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Literal, Unpack

import torch
from torch import Tensor

from gen_models.core.player import Losses
from gen_models.errors import UsageError
from gen_models.families.game import Game, Parts
from gen_models.latents.codes import Codes
from gen_models.losses.scales import ScaleConsistency
from gen_models.networks.critics.heads import Guesses
from gen_models.networks.critics.reading import ReadsGradually
from gen_models.networks.gan.growing import DrawsScales

Reduction = Literal["sum", "mean"]
"""Sum of all codes' bounds (Chen et al. 2016), or mean over the entries that are read (Progressive InfoGAN)."""


class InfoGAN(Game):
    """A game in which both sides want samples to tell their codes (equation 6).

    Args:
        prior: Draws latents, of which some entries are codes.
        information: λ, the weight of the bound on the mutual information of codes and samples.
        reduction: What λ weighs.
        consistency: Ties the generator's pictures of all scales together, for networks that grow.
        parts: The other parts of the game.

    Raises:
        UsageError: The critic does not read codes, or others; or the generator has no pictures of several scales.
    """

    def __init__(
        self,
        prior: Codes,
        information: float = 1.0,
        reduction: Reduction = "sum",
        consistency: ScaleConsistency | None = None,
        **parts: Unpack[Parts],
    ) -> None:
        super().__init__(prior=prior, **parts)
        self.known = prior
        self.information = information
        self.reduction = reduction
        self.consistency = consistency
        prior.sample(0, self.latent_dim, self.device)  # refuses a size that has no room for the codes now
        if not isinstance(self.discriminator, Guesses):
            raise UsageError("this model needs a critic that reads codes: choose network=infogan.")
        if self.discriminator.guesses != prior.size:
            raise UsageError(
                f"the codes have {prior.size} entries and the critic reads {self.discriminator.guesses}: "
                "change network.discriminator.codes."
            )
        if consistency is not None and not isinstance(self.generator, DrawsScales):
            raise UsageError(
                "model.consistency needs a generator of pictures of all scales: choose network=progressive_scales."
            )

    def critic_terms(self, real: Tensor | None, fake: Tensor | None, y: Tensor, z: Tensor) -> Losses:
        """Read the codes of samples; nobody knows those of data."""
        return self._told(fake, z)

    def generator_terms(self, fake: Tensor | None, y: Tensor, z: Tensor) -> Losses:
        """Make samples whose codes can be read."""
        losses = self._told(fake, z)
        if self.consistency is not None and isinstance(self.generator, DrawsScales):
            losses["consistency"] = self.consistency(self.generator.pictures(z, y))
        return losses

    def _told(self, reading: Tensor | None, z: Tensor) -> Losses:
        assert reading is not None
        bounds = self.known.information(reading, z)
        for name, bound in bounds.items():
            self.note(f"information/{name}", bound)
        return {"information": -self.information * self._reduced(bounds)}

    def _reduced(self, bounds: Mapping[str, Tensor]) -> Tensor:
        """Sum of bounds, or mean over the entries of those codes that are read by now."""
        if self.reduction == "sum":
            return torch.stack(list(bounds.values())).sum()
        critic = self.discriminator
        active = critic.active if isinstance(critic, ReadsGradually) else self.known.size
        ends = accumulate(part.size for part in self.known.parts.values())
        counted = [bound for bound, end in zip(bounds.values(), ends, strict=True) if end <= active]
        return torch.stack(counted).sum() / active

    def codes(self) -> Codes:
        """Say which entries of latents are codes."""
        return self.known

    def draw_latents(self, n: int) -> Tensor:
        """Draw codes and noise (n, latent_dim)."""
        return self.known.sample(n, self.latent_dim, self.device)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Read the codes (B, D) of samples: numbers as the mean of what they may be, a category as its index."""
        assert isinstance(self.discriminator, Guesses)
        return self.known.decided(self.discriminator.guess(self.grown(x), y).float())

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw codes (n, D) as `encode` gives them."""
        return self.known.decided(self.known.of(self.draw_latents(n)))
