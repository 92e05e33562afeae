"""Augmentation that a denoiser is told of (EDM: Karras et al. 2022, appendix F.2, https://arxiv.org/abs/2206.00364)."""

from collections.abc import Callable
from functools import partial

from torch import Tensor

from gen_models.augment.told import Told
from gen_models.errors import UsageError
from gen_models.networks.denoisers.base import Denoiser


def augmented(x: Tensor, denoiser: Denoiser, augment: Told | None) -> tuple[Tensor, Callable[..., Tensor]]:
    """Change training pictures (B, *shape), if there is an augmentation, and give the network that is told how."""
    if augment is None:
        return x, denoiser
    x, labels = augment(x)
    return x, partial(denoiser, labels=labels)


def check_labels(denoiser: Denoiser, augment: Told | None) -> None:
    """Refuse a denoiser that can't be told of an augmentation.

    Raises:
        UsageError: It takes another number of labels.
    """
    if augment is not None and denoiser.labels != augment.size:
        raise UsageError(
            f"the augmentation tells {augment.size} labels, and the network takes {denoiser.labels}: choose "
            f"network=unet network.denoiser.labels={augment.size}, or leave augment=told out."
        )
