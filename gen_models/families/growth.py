"""Schedule of progressive growing (Karras et al. 2018, https://arxiv.org/abs/1710.10196)."""

from collections.abc import Sequence
from dataclasses import dataclass

from gen_models.networks.gan.growing import Growing


@dataclass(frozen=True)
class Growth:
    """Stages of progressive growing, in images (appendix A.1): each but the first is faded in, then trained on.

    Args:
        fade: Images during which the share of a new block rises linearly from 0 to 1.
        stabilise: Images after that, and before anything grows.
        batch_sizes: Images in a turn at each stage, the last one at all later stages too; None leaves it to the data.

    Raises:
        ValueError: A stage would have no length.
    """

    fade: int = 600_000
    stabilise: int = 600_000
    batch_sizes: Sequence[int] | None = None

    def __post_init__(self) -> None:
        if self.fade < 0 or self.stabilise < 1:
            raise ValueError(f"a stage trains on at least one image: fade is {self.fade}, stabilise {self.stabilise}.")

    def at(self, images: int, last: int) -> tuple[int, float]:
        """Give the stage, from 0 to `last`, and the share of its newest block after so many images."""
        stage, within = divmod(images + self.fade, self.fade + self.stabilise)
        if stage > last or within >= self.fade:
            return min(stage, last), 1.0
        return stage, within / self.fade

    def batch_size(self, images: int, sizes: Sequence[int], last: int) -> int:
        """Give the images of the turn that begins after `images` images."""
        return sizes[min(self.at(images, last)[0], len(sizes) - 1)]

    def act(self, images: int, networks: Sequence[Growing]) -> bool:
        """Take networks to where they should be after so many images.

        Returns:
            Whether a block has come, or is all there: then optimizers begin anew, as in the authors' code.
        """
        before = [(network.stage, network.fading) for network in networks]
        for network in networks:
            network.grow(*self.at(images, len(network.sides) - 1))
        return before != [(network.stage, network.fading) for network in networks]
