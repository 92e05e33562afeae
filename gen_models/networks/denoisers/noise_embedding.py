"""Noise embedding: one vector of the noise level, the class and what augmentation did, for all blocks."""

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from gen_models.networks.denoisers.style import Style
from gen_models.networks.layers.frequencies import FourierFeatures, Sinusoids


class NoiseEmbedding(nn.Module):
    """Noise embedding: two layers on the frequencies of the noise level, with the class.

    Ho et al. (2020), https://arxiv.org/abs/2006.11239; augmentation labels are those of Karras et al. (2022), appendix
    F.2, https://arxiv.org/abs/2206.00364.

    Args:
        style: Of the network.
        width: Channels of the network's first map.
        size: Size D of the embedding.
        classes: How many classes; 0 for none.
        labels: How many augmentation labels; 0 for none.
        scale: Multiplies the levels.
        times: How many numbers tell a level.
    """

    def __init__(
        self, style: Style, width: int, size: int, classes: int, labels: int = 0, scale: float = 1000.0, times: int = 1
    ) -> None:
        super().__init__()
        self.scale = scale
        self.early, self.narrow = style.early, style.narrow
        channels = style.frequencies * width
        self.frequencies = FourierFeatures(channels) if style.fourier else Sinusoids(channels, style.endpoint)
        inputs = channels * times
        self.of_class = ClassEmbedding(classes, inputs if style.early else size)
        self.of_labels = style.linear(labels, inputs, bias=False) if labels else None
        hidden = 4 * size if style.narrow else size
        self.first = style.linear(inputs, hidden)
        self.second = style.linear(hidden, size)

    def start(self, std: float) -> None:
        """Initialise the layers and the classes from N(0, std), and the null class and biases with zero."""
        for layer in (self.first, self.second):
            nn.init.normal_(layer.weight, 0.0, std)
            nn.init.zeros_(layer.bias)
        if self.of_class.table is not None:
            nn.init.normal_(self.of_class.table.weight[:-1], 0.0, std)

    def forward(self, noise: Tensor, y: Tensor | None, labels: Tensor | None = None) -> Tensor:
        """Give (B, D) for levels (B,) or (B, times), classes (B,) and labels (B, number) that are zero by default."""
        levels = noise.reshape(len(noise), -1) * self.scale
        found = self.frequencies(levels).flatten(1)
        if self.early:
            found = found + self.of_class(y, found)
        if self.of_labels is not None and labels is not None:
            found = found + self.of_labels(labels)
        found = self.second(silu(self.first(found)))
        if not self.early:
            found = found + self.of_class(y, found)
        return found if self.narrow else silu(found)


class ClassEmbedding(nn.Module):
    """Class embedding with a null class, which starts at zero (Ho and Salimans 2022, https://arxiv.org/abs/2207.12598).

    Args:
        classes: How many classes; 0 for an embedding that is always zero.
        size: Size D of an embedding.
    """

    def __init__(self, classes: int, size: int) -> None:
        super().__init__()
        self.classes = classes
        self.size = size
        self.table = nn.Embedding(classes + 1, size) if classes else None
        if self.table is not None:
            nn.init.zeros_(self.table.weight[-1])

    def forward(self, y: Tensor | None, like: Tensor) -> Tensor:
        """Give (B, D) for classes (B,) int64, None for the null class, beside a tensor (B, …) `like`."""
        if self.table is None:
            return like.new_zeros(1, self.size)
        if y is None:
            y = torch.full((len(like),), self.classes, device=like.device)
        return self.table(y)
