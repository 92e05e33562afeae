"""Parts that every two-player game is made of, whatever its critic predicts besides."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, Self

from torch import nn

from gen_models.augment.base import Augment
from gen_models.bounds import AtLeast, Positive
from gen_models.constraints.weights import Constraint
from gen_models.core.clock import Every
from gen_models.errors import UsageError
from gen_models.families.parts.growth import Growth
from gen_models.judges.base import Judge
from gen_models.losses.adversarial import Adversarial
from gen_models.losses.latent_penalties import LatentPenalty
from gen_models.losses.penalties import Penalty
from gen_models.losses.weights import WeightPenalty

Moves = Literal["in_turn", "at_once"]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Parts of a game between a generator and a critic; a family of games takes each as an option of its own.

    Args:
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

    generator: nn.Module
    discriminator: nn.Module
    loss: Adversarial
    latent_dim: int
    critic_steps: Annotated[Every, AtLeast(1)] = 1
    generator_batches: Positive = 1
    penalties: Mapping[str, Penalty] | None = None
    latent_penalties: Mapping[str, LatentPenalty] | None = None
    weight_penalties: Mapping[str, WeightPenalty] | None = None
    judges: Mapping[str, Judge] | None = None
    clipping: Constraint | None = None
    augment: Augment | None = None
    growth: Growth | None = None
    moves: Moves = "in_turn"

    def __post_init__(self) -> None:
        if self.moves == "at_once" and (self.critic_steps, self.generator_batches) != (1, 1):
            raise UsageError(
                "players move at once on the same samples only: "
                "set model.critic_steps=1 and model.generator_batches=1, or model.moves=in_turn."
            )

    @classmethod
    def taken_from(cls, options: dict[str, Any]) -> Self:
        """Take the parts out of a family's options; what stays is how the model is trained."""
        return cls(**{part.name: options.pop(part.name) for part in fields(cls) if part.name in options})
