"""InfoGAN networks for MNIST (Chen et al. 2016, appendix C.1, https://arxiv.org/abs/1606.03657).

Two convolutions and a fully connected layer on each side, with batch normalisation and weights from N(0, 0.02). As in
the authors' code (openai/InfoGAN, regularized_gan.py), pixels lie in [0, 1] within the networks, so that a margin of
zeros is black, and the generator gives their probabilities; outside they lie in [-1, 1], as all data.
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from gen_models.networks.critics.heads import Body
from gen_models.networks.layers.conditioning import append_class
from gen_models.networks.layers.weights import start_normally

STD = 0.02
"""Standard deviation of all starting weights, and of gains around 1 (custom_ops.py)."""


class InfoGANGenerator(nn.Module):
    """InfoGAN generator for MNIST: latents (B, latent_dim) to images (B, *shape) in [-1, 1].

    Chen et al. (2016), table 1, https://arxiv.org/abs/1606.03657.

    Args:
        shape: (channels, side, side) of an image, the side a multiple of 4.
        latent_dim: Size of a latent.
        width: Channels of the larger hidden map; the smaller has twice as many.
        hidden: Size of the fully connected layer.
        classes: Classes appended to the latent; 0 for none.
    """

    def __init__(
        self, shape: Sequence[int], latent_dim: int, width: int = 64, hidden: int = 1024, classes: int = 0
    ) -> None:
        super().__init__()
        side = _quarter(shape)
        self.classes = classes
        seed = 2 * width * side**2
        self.layers = nn.Sequential(
            *(nn.Linear(latent_dim + classes, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU()),
            *(nn.Linear(hidden, seed, bias=False), nn.BatchNorm1d(seed), nn.ReLU()),
            nn.Unflatten(1, (2 * width, side, side)),
            *(nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()),
            *(nn.ConvTranspose2d(width, shape[0], 4, 2, 1), nn.Sigmoid()),
        )
        start_normally(self, STD)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give images (B, *shape) for latents (B, latent_dim)."""
        return 2 * self.layers(append_class(z, y, self.classes)) - 1


class InfoGANBody(Body):
    """InfoGAN critic body for MNIST, which the logit and the recognition network share: images to features.

    Chen et al. (2016), table 1, https://arxiv.org/abs/1606.03657.

    Args:
        shape: (channels, side, side) of an image, the side a multiple of 4.
        width: Channels of the larger hidden map; the smaller has twice as many.
        hidden: Size of the features.
        leak: Slope of the leaky ReLUs for negative values: 0.1 in the paper, 0.01 in the authors' code.
        classes: Classes appended as planes to the image; 0 for none.
    """

    def __init__(
        self, shape: Sequence[int], width: int = 64, hidden: int = 1024, leak: float = 0.1, classes: int = 0
    ) -> None:
        super().__init__()
        side = _quarter(shape)
        self.classes, self.num_features, self.leak = classes, hidden, leak
        self.first = nn.Conv2d(shape[0] + classes, width, 4, 2, 1)
        self.second = nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(2 * width)
        self.last = nn.Linear(2 * width * side**2, hidden, bias=False)
        self.last_norm = nn.BatchNorm1d(hidden)
        start_normally(self, STD)
        for layer in (self.first, self.second):
            nn.init.trunc_normal_(layer.weight, std=STD, a=-2 * STD, b=2 * STD)

    def begin(self, head: nn.Linear) -> None:
        """Start a layer on the features with weights from N(0, 0.02), and no bias."""
        start_normally(head, STD)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, hidden) of images (B, *shape) in [-1, 1]."""
        x = leaky_relu(self.first(append_class((x + 1) / 2, y, self.classes)), self.leak)
        x = leaky_relu(self.second_norm(self.second(x)), self.leak)
        return leaky_relu(self.last_norm(self.last(x.flatten(1))), self.leak)


def _quarter(shape: Sequence[int]) -> int:
    """Side of the smallest map.

    Raises:
        ValueError: The samples are no square images whose side can be halved twice.
    """
    if len(shape) != 3 or shape[1] != shape[2] or shape[1] % 4:
        raise ValueError(
            f"InfoGAN's networks for MNIST make square images whose side is a multiple of 4, not {list(shape)}: "
            "change data.size, or use network=infogan."
        )
    return shape[1] // 4
