"""Structured latents: a prior of codes and noise (InfoGAN: Chen et al. 2016, https://arxiv.org/abs/1606.03657)."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from itertools import chain

import torch
from torch import Tensor

from gen_models.errors import UsageError
from gen_models.latents.code_parts import Axis, Part
from gen_models.latents.priors import Normal, Prior
from gen_models.losses.information import information_bound
from gen_models.networks.layers.sizes import map_sides


class Codes(Prior):
    """Prior of latents in which named codes have entries of their own; noise is in all others.

    A network says what it reads off a sample by the parameters of Q(c | x), the approximate posterior of the codes,
    laid out as the codes are: the logits of a category, the mean of a number.

    Args:
        parts: The codes, in the order of their places; the first begins the latent.
        noise: What the other entries are drawn from.
        latent_dim: Size of a latent that is cut into equal slots, one a code, of which each begins with its code
            (BigGAN's chunks: Brock et al. 2019); None puts each code right behind the other.

    Raises:
        UsageError: A code is larger than its slot.
    """

    def __init__(self, parts: Mapping[str, Part], noise: Prior | None = None, latent_dim: int | None = None) -> None:
        self.parts = parts
        self.noise = noise or Normal()
        self.places: dict[str, slice] = {}
        slot = None if latent_dim is None else latent_dim // len(parts)
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
        """Give the codes (B, size) of latents (B, dim), one part behind the other."""
        return torch.cat([z[:, place] for place in self.places.values()], dim=1)

    def split(self, codes: Tensor) -> dict[str, Tensor]:
        """Give each part's entries of codes, or of a posterior's parameters, (B, size)."""
        return dict(zip(self.parts, codes.split([part.size for part in self.parts.values()], dim=1), strict=True))

    def information(self, posterior: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Variational lower bound on the mutual information of each code of latents z and the samples, in nats.

        Args:
            posterior: (B, size) parameters of Q(c | x) for samples made from z.
            z: (B, dim) latents.
        """
        codes, parameters = self.split(self.of(z)), self.split(posterior)
        return {
            name: information_bound(part.log_likelihood(parameters[name], codes[name]), part.entropy)
            for name, part in self.parts.items()
        }

    def mode(self, posterior: Tensor) -> Tensor:
        """Mode of posteriors by their parameters (B, size), a column for each of `axes`: a number, or the class."""
        parameters = self.split(posterior)
        return torch.cat([part.mode(parameters[name]) for name, part in self.parts.items()], dim=1)

    def placed(self, modes: Tensor, z: Tensor) -> Tensor:
        """Give latents (B, dim) with codes as `mode` gives them, (B, D): the rest is as it was."""
        z = z.clone()
        ways = [len(part.axes(name, 0, 2)) for name, part in self.parts.items()]
        for (name, part), mode in zip(self.parts.items(), modes.split(ways, dim=1), strict=True):
            z[:, self.places[name]] = part.entries(mode).to(z)
        return z

    def truncated(self, limit: float) -> "Codes":
        """Truncate noise and numbers; a category is what it was.

        Raises:
            UsageError: The noise has no middle to which it could be cut.
        """
        cut = copy(self)
        cut.noise = self.noise.truncated(limit)
        cut.parts = {name: part.truncated(limit) for name, part in self.parts.items()}
        return cut

    def axes(self, steps: int = 2) -> list[Axis]:
        """The ways to change a latent by its codes, in `steps` steps where they are numbers."""
        ways = (part.axes(name, self.places[name].start, steps) for name, part in self.parts.items())
        return list(chain.from_iterable(ways))


class PartsPerScale(Mapping[str, Part]):
    """The same kind of code for each scale of a picture, by the size of its map, the smallest first: 4x4, 8x8.

    Args:
        shape: (channels, side, side) of a picture.
        part: The code that each scale has.
        finest: Side of the largest map that has a code; None for no limit.
    """

    def __init__(self, shape: Sequence[int], part: Part, finest: int | None = None) -> None:
        sides = [side for side in map_sides(shape) if finest is None or side <= finest]
        self._parts = {f"{side}x{side}": part for side in sides}

    def __getitem__(self, name: str) -> Part:
        return self._parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)
