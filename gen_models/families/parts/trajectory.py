"""What is drawn on the way to a sample: states of noise, canvases (GRAN), pictures of growing resolution (ProGAN)."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import TypeVar

from torch import Tensor, nn

from gen_models.networks.gan.gran import Unrolls
from gen_models.networks.gan.growing import DrawsScales

T = TypeVar("T")


def last(states: Iterable[T]) -> T:
    """Give the last one, keeping no other."""
    return deque(states, maxlen=1)[0]


def draws_at_once(generator: nn.Module) -> bool:
    """Whether there is nothing on the way."""
    return not isinstance(generator, Unrolls | DrawsScales)


def steps(generator: nn.Module, z: Tensor, y: Tensor | None) -> Sequence[Tensor]:
    """Give the pictures (B, C, side, side) of latents (B, D) and classes (B,) after each step, the sample last."""
    if isinstance(generator, Unrolls):
        return generator.unroll(z, y).unbind()
    if isinstance(generator, DrawsScales):
        return generator.pictures(z, y)
    return [generator(z, y)]
