"""Latents that can be drawn, changed and looked at, whichever way a model has them."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from gen_models.core.abilities.codes import Decodes, HasCodePrior, HasCodes
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError
from gen_models.latents.code_parts import Axis

Render = Callable[[Tensor, Tensor | None], Tensor]
"""(codes (B, D), classes (B,) or None) -> samples (B, *shape) in [-1, 1]."""


@dataclass(frozen=True)
class Space:
    """The latent space of a model.

    Attributes:
        draw: (n, classes (n,) or None) -> latents (n, D) from the prior; a model without classes is told none.
        decode: Latents and classes to samples.
        axes: The entries with a meaning, in so many steps; none where no entry has one.
    """

    draw: Callable[[int, Tensor | None], Tensor]
    decode: Render
    axes: Callable[[int], list[Axis]]


def decoder_of(model: GenerativeModel) -> Render | None:
    """What gives samples of codes as `encode` gives them; None where nothing does.

    Where those are entries of a latent, its noise is drawn.
    """
    if isinstance(model, HasCodes):
        return lambda codes, y: model.decode_latents(model.codes().placed(codes, model.draw_latents(len(codes))), y)
    return model.decode if isinstance(model, Decodes) else None


def movable(model: GenerativeModel) -> bool:
    """Whether the model has such a space."""
    return isinstance(model, HasCodes) or (isinstance(model, HasCodePrior) and isinstance(model, Decodes))


def space_of(model: GenerativeModel) -> Space:
    """Give the latent space of a model: whole latents where codes are only a part of them.

    Raises:
        UsageError: It has none.
    """
    if isinstance(model, HasCodes):
        return Space(lambda n, _: model.draw_latents(n), model.decode_latents, model.codes().axes)
    if isinstance(model, HasCodePrior) and isinstance(model, Decodes):
        return Space(lambda n, y: model.draw_codes(n, y if model.classes else None), model.decode, lambda _: [])
    raise UsageError(
        "this model has no codes to move or to walk between: choose a run of model=gan or another game, of an "
        "autoencoder with a prior such as model=vae, or of a flow."
    )
