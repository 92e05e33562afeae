"""BigGAN (Brock et al. 2019, appendix B, figure 15, https://arxiv.org/abs/1809.11096).

SAGAN's networks with channels in multiples of `width` (the paper's ch), orthogonal initial weights, one embedding of
the class shared by all normalisations, and a latent cut into chunks: one for the smallest map, one for each block.
"""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from gen_models.networks.critics.heads import Body
from gen_models.networks.gan.pyramid import Ascent, Descent
from gen_models.networks.gan.residual import CriticResidualBlock, GeneratorResidualBlock
from gen_models.networks.layers.conditioning import required
from gen_models.networks.layers.sizes import smallest_map
from gen_models.networks.layers.weights import normalise_spectrally, orthogonal

# Multiples of ch by the number of doublings, for 64 to 512 pixels (tables 4 to 6; 64 from the authors' own port).
GENERATOR = {
    4: (16, 16, 8, 4, 2),
    5: (16, 16, 8, 4, 2, 1),
    6: (16, 16, 8, 8, 4, 2, 1),
    7: (16, 16, 8, 8, 4, 2, 1, 1),
}
BODY = {
    4: (1, 2, 4, 8, 16),
    5: (1, 2, 4, 8, 16, 16),
    6: (1, 2, 4, 8, 8, 16, 16),
    7: (1, 1, 2, 4, 8, 8, 16, 16),
}


class BigGANGenerator(nn.Module):
    """BigGAN generator: latents (B, latent_dim) to images (B, *shape).

    Brock et al. (2019), Large scale GAN training for high fidelity natural image synthesis, https://arxiv.org/abs/1809.11096.

    Args:
        shape: (channels, side, side) of an image.
        latent_dim: Size of a latent: a multiple of the number of chunks.
        width: The paper's ch: 96, or 64 for 32 pixels.
        classes: Classes that condition the normalisations; 0 for none.
        embedding: Size of a class's embedding.
        attention: Side of the map that attends to itself, or the next smaller one that there is; None for none.
        shared: Entries that begin the latent and belong to all chunks, as a code that conditions every block.

    Raises:
        ValueError: The latent can't be cut into equal chunks, or the images are not 8 to 512 pixels wide.
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        width: int = 96,
        classes: int = 0,
        embedding: int = 128,
        attention: int | None = 64,
        shared: int = 0,
    ) -> None:
        super().__init__()
        self.classes = classes
        self.shared, self.latent_dim = shared, latent_dim
        channels = generator_channels(shape, width)
        self.chunk = chunk_size(latent_dim, len(channels), shared)
        self.embed = nn.Embedding(classes, embedding) if classes else None
        condition = self.chunk + shared + (embedding if classes else 0)
        block = partial(GeneratorResidualBlock, embed=partial(nn.Linear, condition, bias=False))
        self.ascent = Ascent(self.chunk + shared, shape, channels, block, attention, bounded=True)
        orthogonal(self)
        normalise_spectrally(self)

    @property
    def latent_chunks(self) -> Sequence[slice]:
        """The chunk of each block, the coarsest first."""
        starts = range(self.shared, self.latent_dim, self.chunk)
        return [slice(start, start + self.chunk) for start in starts]

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give images (B, *shape) for latents (B, latent_dim)."""
        code, rest = z[:, : self.shared], z[:, self.shared :]
        seed, *conditions = (torch.cat([code, chunk], dim=1) for chunk in rest.split(self.chunk, dim=1))
        if self.embed is not None:
            shared = self.embed(required(y))
            conditions = [torch.cat([shared, chunk], dim=1) for chunk in conditions]
        return self.ascent(seed, conditions)


class BigGANBody(Body):
    """BigGAN discriminator body: images (B, *shape) to features (B, num_features).

    Brock et al. (2019), https://arxiv.org/abs/1809.11096.

    Args:
        shape: (channels, side, side) of an image.
        width: The paper's ch: 96, or 64 for 32 pixels.
        attention: Side of the map that attends to itself, or the next smaller one that there is; None for none.

    Raises:
        ValueError: The images are not 8 to 512 pixels wide.
    """

    def __init__(self, shape: Sequence[int], width: int = 96, attention: int | None = 64) -> None:
        super().__init__()
        self.classes = 0
        channels, halvings = body_channels(shape, width)
        self.num_features = channels[-1]
        blocks = [
            CriticResidualBlock(inputs, outputs, outputs, down=i < halvings, first=i == 0)
            for i, (inputs, outputs) in enumerate(pairwise([shape[0], *channels]))
        ]
        self.descent = Descent(shape, channels, blocks, halvings, attention)
        areas = [(shape[1] // 2 ** min(i + 1, halvings)) ** 2 for i in range(len(channels))]
        self.traced = [len(channels) - 1, *reversed(range(_doublings(shape)))]
        self._sizes = [channels[i] * areas[i] for i in self.traced]
        orthogonal(self)

    def begin(self, head: nn.Linear) -> None:
        """Orthogonal weights, as all layers have."""
        orthogonal(head)

    @property
    def sizes(self) -> Sequence[int]:
        """Sizes of what `trace` shows."""
        return self._sizes

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of images (B, *shape)."""
        return self.descent(x)

    def trace(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        """Give the features, and for each scale of a generator what the stage makes of it that looks at that scale."""
        maps = self.descent.maps(x)
        return maps[-1].sum(dim=(2, 3)), [maps[i].flatten(1) for i in self.traced]


def generator_channels(shape: Sequence[int], width: int) -> list[int]:
    """Channels of the generator's maps, the smallest first; images under 64 pixels follow the rule for 32."""
    doublings = _doublings(shape)
    return [width * multiple for multiple in GENERATOR.get(doublings, (4,) * (doublings + 1))]


def body_channels(shape: Sequence[int], width: int) -> tuple[list[int], int]:
    """Channels of the body's maps, and how many halvings lead to them.

    The rule for 32 pixels, which smaller images follow: stop halving one step early, and keep that side for two maps.
    """
    doublings = _doublings(shape)
    multiples = BODY.get(doublings, (4,) * max(3, doublings + 1))
    return [width * multiple for multiple in multiples], doublings if doublings in BODY else max(1, doublings - 1)


def chunk_size(latent_dim: int, chunks: int, shared: int = 0) -> int:
    """Size of each of so many equal chunks of what the latent has besides `shared` entries.

    Raises:
        ValueError: The latent can't be cut so.
    """
    if (latent_dim - shared) % chunks:
        below = latent_dim - (latent_dim - shared) % chunks
        nearest = [str(size) for size in (below, below + chunks) if size]
        raise ValueError(
            f"biggan cuts the latent into {chunks} equal chunks at this size of image, and {latent_dim - shared} is no "
            f"multiple of {chunks}: use model.latent_dim={' or '.join(nearest)}."
        )
    return (latent_dim - shared) // chunks


def _doublings(shape: Sequence[int]) -> int:
    _, doublings = smallest_map(shape)
    if doublings > max(GENERATOR):
        raise ValueError(f"biggan networks make images of at most 512 pixels, not {shape[1]}: change data.size.")
    return doublings
