"""Codes: the entries of a latent that a critic should be able to read back (Chen et al. 2016: InfoGAN)."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from gen_models.errors import UsageError
from gen_models.losses.information import categorical_log_likelihood, gaussian_log_likelihood, information_bound
from gen_models.networks.sizes import smallest_map
from gen_models.priors import Normal, Prior, Uniform


class Axis(NamedTuple):
    """A way to change a latent.

    Attributes:
        name: What changes.
        place: The entries of the latent.
        values: (steps, entries) what these become.
    """

    name: str
    place: slice
    values: Tensor


class Part(ABC):
    """A code: what it is drawn from, and what a reading of it means.

    Args:
        size: Entries of the latent, and of a reading.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise UsageError(f"a code has at least one entry, not {size}: change its size, or leave it out.")
        self.size = size

    @property
    @abstractmethod
    def entropy(self) -> float:
        """H(c) in nats."""

    @abstractmethod
    def draw(self, n: int, device: torch.device) -> Tensor:
        """Draw (n, size) float32."""

    @abstractmethod
    def log_likelihood(self, reading: Tensor, code: Tensor) -> Tensor:
        """Log q(c | x), (B,) in nats, of codes by readings, both (B, size)."""

    @abstractmethod
    def decided(self, reading: Tensor) -> Tensor:
        """What readings (B, size) say, in as many columns as there are ways to change the code."""

    @abstractmethod
    def axes(self, name: str, start: int, steps: int) -> Sequence[Axis]:
        """The ways to change the code, which begins at the entry `start` of a latent."""


class Category(Part):
    """One of `size` classes, all equally likely: a one-hot vector. A reading is logits."""

    @property
    def entropy(self) -> float:
        """That of K classes: log K."""
        return math.log(self.size)

    def draw(self, n: int, device: torch.device) -> Tensor:
        """Draw (n, size) float32."""
        return one_hot(torch.randint(self.size, (n,), device=device), self.size).float()

    def log_likelihood(self, reading: Tensor, code: Tensor) -> Tensor:
        """Log-softmax of the logits at the class."""
        return categorical_log_likelihood(reading, code)

    def decided(self, reading: Tensor) -> Tensor:
        """The likeliest class, (B, 1)."""
        return reading.argmax(1, keepdim=True).float()

    def axes(self, name: str, start: int, steps: int) -> Sequence[Axis]:
        """One way: through all classes, whatever `steps`."""
        return [Axis(name, slice(start, start + self.size), torch.eye(self.size))]


class Continuous(Part):
    """`size` independent numbers. A reading is the mean of a Gaussian of variance 1."""

    prior: ClassVar[Prior]
    nats: ClassVar[float]
    reach: ClassVar[float]

    @property
    def entropy(self) -> float:
        """That of one number, times their count."""
        return self.size * self.nats

    def draw(self, n: int, device: torch.device) -> Tensor:
        """Draw (n, size) float32."""
        return self.prior.sample(n, self.size, device)

    def log_likelihood(self, reading: Tensor, code: Tensor) -> Tensor:
        """Log-density under N(reading, 1)."""
        return gaussian_log_likelihood(reading, code)

    def decided(self, reading: Tensor) -> Tensor:
        """The means."""
        return reading

    def axes(self, name: str, start: int, steps: int) -> Sequence[Axis]:
        """One way for each number."""
        values = torch.linspace(-self.reach, self.reach, steps)[:, None]
        return [Axis(f"{name} {i + 1}", slice(start + i, start + i + 1), values) for i in range(self.size)]


class Interval(Continuous):
    """Uniform in [-1, 1]."""

    prior, nats, reach = Uniform(), math.log(2), 1.0


class Gaussian(Continuous):
    """Standard normal."""

    prior, nats, reach = Normal(), 0.5 * math.log(2 * math.pi * math.e), 2.0


class Codes:
    """A prior of latents in which named parts have a place of their own; noise is in all other entries.

    Args:
        parts: The codes, in the order of their places; the first begins the latent.
        noise: What the other entries are drawn from.
        slot: Entries from the beginning of one code to that of the next; None puts each right behind the other.

    Raises:
        UsageError: A code is larger than its slot.
    """

    def __init__(self, parts: Mapping[str, Part], noise: Prior | None = None, slot: int | None = None) -> None:
        self.parts = parts
        self.noise = noise or Normal()
        self.places: dict[str, slice] = {}
        start = 0
        for name, part in parts.items():
            if slot is not None and part.size > slot:
                raise UsageError(f"a code of {part.size} does not fit into a slot of {slot}: raise model.latent_dim.")
            self.places[name] = slice(start, start + part.size)
            start += slot or part.size
        self.size = sum(part.size for part in parts.values())

    def sample(self, n: int, dim: int, device: torch.device, y: Tensor | None = None) -> Tensor:
        """Draw latents (n, dim) float32.

        Raises:
            UsageError: The codes need more entries than that.
        """
        needed = max((place.stop for place in self.places.values()), default=0)
        if dim < needed:
            raise UsageError(f"the codes take {needed} entries of a latent: raise model.latent_dim={dim}.")
        z = self.noise.sample(n, dim, device)
        for name, place in self.places.items():
            z[:, place] = self.parts[name].draw(n, device)
        return z

    def of(self, z: Tensor) -> Tensor:
        """Give the codes (B, size) of latents (B, dim), one part behind the other, as readings are."""
        return torch.cat([z[:, place] for place in self.places.values()], dim=1)

    def split(self, codes: Tensor) -> dict[str, Tensor]:
        """Give each part's entries of codes, or of readings, (B, size)."""
        return dict(zip(self.parts, codes.split([part.size for part in self.parts.values()], dim=1), strict=True))

    def information(self, reading: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Bound from below what samples tell of each code of their latents, in nats, by readings (B, size)."""
        codes, readings = self.split(self.of(z)), self.split(reading)
        return {
            name: information_bound(part.log_likelihood(readings[name], codes[name]), part.entropy)
            for name, part in self.parts.items()
        }

    def decided(self, reading: Tensor) -> Tensor:
        """What readings (B, size) say, a column for each of `axes`: a number, or the class."""
        readings = self.split(reading)
        return torch.cat([part.decided(readings[name]) for name, part in self.parts.items()], dim=1)

    def axes(self, steps: int = 2) -> list[Axis]:
        """The ways to change a latent by its codes, in `steps` steps where they are numbers."""
        ways = (part.axes(name, self.places[name].start, steps) for name, part in self.parts.items())
        return list(chain.from_iterable(ways))


def per_scale(shape: Sequence[int], part: Part, noise: Prior | None = None, latent_dim: int | None = None) -> Codes:
    """Give each scale of a picture a code of its own, from the smallest map on.

    Args:
        shape: (channels, side, side) of a picture.
        part: The code that each scale has.
        noise: What the other entries of a latent are drawn from.
        latent_dim: Size of a latent that is cut into equal slots, one a scale, of which each begins with its code
            (Brock et al. 2019); None puts all codes before the noise.
    """
    side, doublings = smallest_map(shape)
    sides = [side * 2**i for i in range(doublings + 1)]
    slot = None if latent_dim is None else latent_dim // len(sides)
    return Codes({f"{side}x{side}": part for side in sides}, noise, slot)
