"""Schedule of progressive growing (Karras et al. 2018, https://arxiv.org/abs/1710.10196)."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn

from gen_models.core.stream import BatchSize
from gen_models.errors import UsageError
from gen_models.networks.gan.growing import Growing


@dataclass(frozen=True)
class Growth:
    """Stages of progressive growing, in images (appendix A.1): each but the first is faded in, then trained on.

    Args:
        fade: Images during which the share of a new block rises linearly from 0 to 1; or a list, of which the first is
            not used, since nothing fades in at first.
        stabilise: Images after that, and before anything grows; or a list.
        batch_sizes: Images in a turn at each stage; None leaves it to the data.
        restart: Begin optimizers anew when a block comes, and when it is all there, as ProGAN's authors do.

    Of a list, each stage has its entry, and all later ones have the last.

    Raises:
        ValueError: A stage would have no length.
    """

    fade: int | Sequence[int] = 600_000
    stabilise: int | Sequence[int] = 600_000
    batch_sizes: Sequence[int] | None = None
    restart: bool = True

    def __post_init__(self) -> None:
        if min(_listed(self.fade)) < 0 or min(_listed(self.stabilise)) < 1:
            raise ValueError(f"a stage trains on at least one image: fade is {self.fade}, stabilise {self.stabilise}.")

    def at(self, images: int, last: int) -> tuple[int, float]:
        """Give the stage, from 0 to `last`, and the share of its newest block after so many images."""
        within = images
        for stage in range(last + 1):
            fade = _of_stage(_listed(self.fade), stage) if stage else 0
            if within < fade:
                return stage, within / fade
            within -= fade + _of_stage(_listed(self.stabilise), stage)
            if within < 0:
                break
        return stage, 1.0

    def batch_size(self, images: int, sizes: Sequence[int], last: int) -> int:
        """Give the images of the turn that begins after `images` images."""
        return _of_stage(sizes, self.at(images, last)[0])

    def act(self, images: int, networks: Sequence[Growing]) -> bool:
        """Take networks to where they should be after so many images.

        Returns:
            Whether optimizers are to begin anew.
        """
        before = [(network.stage, network.fading) for network in networks]
        for network in networks:
            network.grow(*self.at(images, len(network.sides) - 1))
        return self.restart and before != [(network.stage, network.fading) for network in networks]


class Stages:
    """Stages of a game's growing networks: how far they are, and how data look to them; of others, nothing.

    Args:
        growth: When they grow; None leaves them grown.
        networks: Of the game; what grows may be a part of one.

    Raises:
        UsageError: Networks should grow that can't.
    """

    def __init__(self, growth: Growth | None, networks: Iterable[nn.Module]) -> None:
        self.growth = growth
        self.networks = [part for network in networks for part in network.modules() if isinstance(part, Growing)]
        if growth is not None and len(self.networks) < 2:
            raise UsageError("model.growth needs networks that grow: choose network=progressive.")

    def advance(self, images: int) -> bool:
        """Go where networks should be after so many images; whether optimizers are to begin anew."""
        return self.growth is not None and self.growth.act(images, self.networks)

    @property
    def batch_size(self) -> BatchSize | None:
        """Images in a turn by images seen; None where growth leaves it to the data."""
        if self.growth is None or not self.growth.batch_sizes:
            return None
        last = len(self.networks[0].sides) - 1
        return partial(self.growth.batch_size, sizes=self.growth.batch_sizes, last=last)

    @property
    def present(self) -> Hashable:
        """The stage of each network, and the share of its newest block."""
        return tuple((network.stage, network.alpha) for network in self.networks)

    def seen(self, x: Tensor) -> Tensor:
        """Give data (B, *shape) at the resolution that networks have reached; the data itself to others."""
        return self.networks[-1].seen(x) if self.networks else x


def _listed(images: int | Sequence[int]) -> Sequence[int]:
    return [images] if isinstance(images, int) else images


def _of_stage(entries: Sequence[int], stage: int) -> int:
    return entries[min(stage, len(entries) - 1)]
