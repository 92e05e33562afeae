"""A plane of codes to decode from: that of the map of held-out items."""

import torch
from torch import Tensor

from gen_models.analysis.codes import codes_of
from gen_models.analysis.latent_space import decoder_of
from gen_models.analysis.maps import Plane, plane_of
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Items
from gen_models.errors import UsageError


def atlas(model: GenerativeModel, items: Items, n: int, seed: int) -> tuple[Tensor, Plane]:
    """The codes (N, D) of `n` items, and the plane in which they vary most, as `gen-models latents` has them.

    Raises:
        UsageError: The model has no codes.
    """
    with model.evaluating("latents", seed):
        codes = codes_of(model, items, n)
    return codes, plane_of(codes, seed)


def decoded_at(model: GenerativeModel, plane: Plane, place: tuple[float, float], class_: int = 0) -> Tensor:
    """Decode the code at a place of a plane, as a sample (1, *shape) in [-1, 1] on the CPU.

    Args:
        model: Decodes, or has codes with a meaning: then the noise is the same at every place.
        plane: Of its codes.
        place: (x, y).
        class_: Its class, for a model that is told it.

    Raises:
        UsageError: The model does not decode.
    """
    decode = decoder_of(model)
    if decode is None:
        raise UsageError("this model decodes nothing: choose a run of an autoencoder, such as model=vae.")
    codes = plane.lift(torch.tensor([place])).to(model.device)
    labels = torch.full((1,), class_, device=model.device) if model.classes else None
    with model.evaluating("decode"):
        return decode(codes, labels).float().cpu()
