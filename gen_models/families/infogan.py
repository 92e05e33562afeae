"""InfoGAN: codes that samples tell (Chen et al. 2016, https://arxiv.org/abs/1606.03657)."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Literal, Unpack

import torch
from torch import Tensor

from gen_models.bounds import Weight
from gen_models.core.player import Losses
from gen_models.errors import UsageError
from gen_models.families.game_from_latents import GameFromLatents
from gen_models.families.parts.two_player import Parts
from gen_models.latents.codes import Codes
from gen_models.losses.scales import ScaleConsistency
from gen_models.networks.critics.heads import HasPredictions
from gen_models.networks.critics.recognition import PredictsGradually
from gen_models.networks.gan.growing import DrawsScales

Reduction = Literal["sum", "mean"]
"""Sum of all codes' bounds (Chen et al. 2016), or mean over the entries that are read (Progressive InfoGAN)."""


class InfoGAN(GameFromLatents):
    """Information-maximising GAN: both sides raise the mutual information of samples and their codes (equation 6).

    The critic's predictions are the parameters of Q(c | x), the approximate posterior of the codes.

    Args:
        prior: Draws latents, of which some entries are codes.
        information: λ, the weight of the bound on the mutual information of codes and samples.
        reduction: What λ weighs.
        consistency: Ties the generator's pictures of all scales together, for networks that grow.
        options: Each of `Parts`.

    Raises:
        UsageError: The critic does not predict codes, or others; or the generator has no pictures of several scales.
    """

    prior: Codes

    def __init__(
        self,
        prior: Codes,
        information: Weight = 1.0,
        reduction: Reduction = "sum",
        consistency: ScaleConsistency | None = None,
        **options: Unpack[Parts],
    ) -> None:
        super().__init__(prior, **options)
        self.information = information
        self.reduction = reduction
        self.consistency = consistency
        prior.sample(0, self.latent_dim, self.device)  # refuses a size that has no room for the codes now
        if not isinstance(self.discriminator, HasPredictions):
            raise UsageError("this model needs a critic that reads codes: choose network=infogan.")
        if self.discriminator.predictions != prior.size:
            raise UsageError(
                f"the codes have {prior.size} entries and the critic reads {self.discriminator.predictions}: "
                "change network.discriminator.codes."
            )
        if consistency is not None and not isinstance(self.generator, DrawsScales):
            raise UsageError(
                "model.consistency needs a generator of pictures of all scales: choose network=progressive_scales."
            )

    def critic_terms(self, of_real: Tensor, of_fake: Tensor, y: Tensor, z: Tensor) -> Losses:
        """Learn Q on samples: the codes of data are unknown."""
        return self._information_term(of_fake, z)

    def generator_terms(self, of_fake: Tensor, y: Tensor, z: Tensor) -> Losses:
        """Make samples that tell their codes."""
        losses = self._information_term(of_fake, z)
        if self.consistency is not None and isinstance(self.generator, DrawsScales):
            losses["consistency"] = self.consistency(self.generator.pictures(z, y))
        return losses

    def _information_term(self, posterior: Tensor, z: Tensor) -> Losses:
        """-λ L_I(G, Q), of the posterior's parameters (B, K) for samples made from z (equation 5)."""
        bounds = self.prior.information(posterior, z)
        for name, bound in bounds.items():
            self.note(f"information/{name}", bound)
        return {"information": -self.information * self._reduced(bounds)}

    def _reduced(self, bounds: Mapping[str, Tensor]) -> Tensor:
        """Sum of bounds, or mean over the entries of those codes that are read by now."""
        if self.reduction == "sum":
            return torch.stack(list(bounds.values())).sum()
        critic = self.discriminator
        active = critic.active if isinstance(critic, PredictsGradually) else self.prior.size
        ends = accumulate(part.size for part in self.prior.parts.values())
        counted = [bound for bound, end in zip(bounds.values(), ends, strict=True) if end <= active]
        return torch.stack(counted).sum() / active

    def codes(self) -> Codes:
        """Say which entries of latents are codes."""
        return self.prior

    def draw_latents(self, n: int) -> Tensor:
        """Draw codes and noise (n, latent_dim)."""
        return self.latents(n)

    def decode_latents(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] of codes and noise (B, latent_dim)."""
        return self.full_size(self.generate(z, y))

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the mode (B, D) of Q(c | x): of a number its mean, of a category its index."""
        return self.prior.mode(self.logits_and_predictions(self.at_stage(x), y)[1])

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw codes (n, D) as `encode` gives them."""
        return self.prior.mode(self.prior.of(self.draw_latents(n)))
