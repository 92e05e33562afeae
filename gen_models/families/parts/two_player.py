"""Parts that every two-player game is made of, whatever its critic predicts besides."""

from collections.abc import Mapping
from typing import Annotated, Literal, Required

from torch import nn

from gen_models.augment.base import Augment
from gen_models.bounds import AtLeast, Positive
from gen_models.constraints.weights import Constraint
from gen_models.core.clock import Every
from gen_models.core.training import Training
from gen_models.families.parts.growth import Growth
from gen_models.judges.base import Judge
from gen_models.losses.adversarial import Adversarial
from gen_models.losses.latent_penalties import LatentPenalty
from gen_models.losses.penalties import Penalty
from gen_models.losses.weights import WeightPenalty

Moves = Literal["in_turn", "at_once"]
CriticSteps = Annotated[Every, AtLeast(1)]


class Parts(Training, total=False):
    """Parts of a game between a generator and a critic, and how it is trained: options of every family of games.

    Attributes:
        generator: Latents (B, latent_dim) and classes to samples.
        discriminator: Samples and classes to logits (B,), and maybe to predictions (B, K).
        loss: What both minimise, given logits.
        latent_dim: Size of a latent.
        critic_steps: k of Algorithm 1: the critic moves on every turn, the generator on every k-th.
        generator_batches: Samples in a generator's move, for each real one in the batch.
        penalties: Terms of the critic's loss that look at the critic.
        latent_penalties: Terms of both losses that change the latents.
        weight_penalties: Terms of the generator's loss that look at its weights.
        judges: Terms of the generator's loss by fixed judges of its samples.
        clipping: Keeps the critic's weights in a box, or in a ball.
        augment: Changes real and generated samples before the critic sees them.
        growth: When both networks grow (Karras et al. 2018).
        moves: Both players move in turn, the critic first, or at once: on one draw of samples, and on gradients of the
            same weights (Goodfellow et al. 2014, the authors' code).
    """

    generator: Required[nn.Module]
    discriminator: Required[nn.Module]
    loss: Required[Adversarial]
    latent_dim: Required[int]
    critic_steps: CriticSteps
    generator_batches: Positive
    penalties: Mapping[str, Penalty] | None
    latent_penalties: Mapping[str, LatentPenalty] | None
    weight_penalties: Mapping[str, WeightPenalty] | None
    judges: Mapping[str, Judge] | None
    clipping: Constraint | None
    augment: Augment | None
    growth: Growth | None
    moves: Moves
