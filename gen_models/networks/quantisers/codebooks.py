"""Vector quantisation: codes that are learned, by gradients or as moving means of what is nearest to them."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from gen_models.bounds import Fraction, Weight
from gen_models.networks.layers.ranks import of_the_first, summed
from gen_models.networks.quantisers.base import Quantised, Quantiser, flat, looked_up, nearest, straight_through
from gen_models.networks.quantisers.usage import tally


def first_codes(codes: int, size: int, reach: float | None = None) -> Tensor:
    """Draw codes (K, D) within ± reach; None: ± √(3 / D), of variance 1 / D (google-deepmind/sonnet, vqvae.py)."""
    reach = math.sqrt(3 / size) if reach is None else reach
    return torch.empty(codes, size).uniform_(-reach, reach)


@torch.no_grad()
def begun_anew(counts: Tensor, share: float, vectors: Tensor) -> tuple[Tensor, Tensor]:
    """Give unused codes an even use, and say which they are (K,), with a random vector for each (K, D).

    Dhariwal et al. (2020), https://arxiv.org/abs/2005.00341.

    Args:
        counts: (K,) how often each code is used, which is changed.
        share: Of an even use, below which a code counts as unused.
        vectors: (N, D) what was quantised; those of the first rank count.
    """
    drawn = of_the_first(vectors[torch.randint(len(vectors), (len(counts),), device=vectors.device)])
    even = counts.mean()
    unused = counts < share * even
    counts.copy_(torch.where(unused, even, counts))
    return unused, drawn


class VQ(Quantiser):
    """Vector quantisation with a codebook that follows gradients: ‖sg z - e‖² + β‖z - sg e‖².

    Van den Oord et al. (2017), equation 3, https://arxiv.org/abs/1711.00937, as means over the numbers of the map. Its
    error is -log p(x | z), which is half a squared distance under N(x̂, 1): `loss=squared_error`. The authors' code
    (google-deepmind/sonnet) has the whole square, beside which their 1 and 0.25 are 0.5 and 0.125 here. The code of
    VQGAN (Esser et al. 2021, https://arxiv.org/abs/2012.09841) weighs the first term by 0.25 and the second by 1, the
    other way round.

    Args:
        size: Size D of a code.
        codes: How many K there are.
        commitment: β, which keeps vectors near their codes; 0.25 in the paper.
        codebook: Weight of the first term, 1 in the paper.
        narrow: Codes begin within 1 / K of zero, as in the code of VQGAN; else as in that of VQ-VAE.
    """

    def __init__(
        self, size: int, codes: int = 512, commitment: float = 0.25, codebook: float = 1.0, narrow: bool = False
    ) -> None:
        super().__init__(size, codes)
        self.commitment, self.weight = commitment, codebook
        self.codebook = nn.Parameter(first_codes(codes, size, 1 / codes if narrow else None))

    def forward(self, z: Tensor) -> Quantised:
        """Quantise a map (B, D, h, w)."""
        index = nearest(z, self.codebook)
        code, z = self.embed(index), z.float()
        losses = {
            "codebook": self.weight * mse_loss(code, z.detach()),
            "commitment": self.commitment * mse_loss(z, code.detach()),
        }
        return Quantised(straight_through(z, code), index, losses)

    def embed(self, index: Tensor) -> Tensor:
        """Give the codes (B, D, h, w) of tokens (B, h, w)."""
        return looked_up(index, self.codebook)


class AveragedVQ(Quantiser):
    """Vector quantisation whose codes are moving means of the vectors nearest to them; no gradient reaches them.

    Van den Oord et al. (2017), appendix A.1, https://arxiv.org/abs/1711.00937: N ← γN + (1 - γ)n, m ← γm + (1 - γ)Σz,
    e = m / N. Of the terms of `VQ` only β‖z - e‖² is left. It starts with N = 1 and m = e, so that a code without
    vectors stays where it is. A code whose use has fallen below a share of an even one begins anew at a random vector,
    with averages to match, which would otherwise bring it back (Dhariwal et al. 2020, https://arxiv.org/abs/2005.00341).

    Args:
        size: Size D of a code.
        codes: How many K there are.
        commitment: β, as of `VQ`.
        decay: γ.
        revived: Of an even use, the share below which a code begins anew; 0 for never.
    """

    codebook: Tensor
    counts: Tensor
    sums: Tensor

    def __init__(
        self, size: int, codes: int = 512, commitment: Weight = 0.25, decay: Fraction = 0.99, revived: Weight = 0.05
    ) -> None:
        super().__init__(size, codes)
        self.commitment, self.decay, self.revived = commitment, decay, revived
        self.register_buffer("codebook", first_codes(codes, size))
        self.register_buffer("counts", torch.ones(codes))
        self.register_buffer("sums", self.codebook.clone())

    def forward(self, z: Tensor) -> Quantised:
        """Quantise a map (B, D, h, w)."""
        index, z = nearest(z, self.codebook), z.float()
        code = self.embed(index)
        return Quantised(straight_through(z, code), index, {"commitment": self.commitment * mse_loss(z, code)})

    def embed(self, index: Tensor) -> Tensor:
        """Give the codes (B, D, h, w) of tokens (B, h, w)."""
        return looked_up(index, self.codebook)

    @torch.no_grad()
    def follow(self, z: Tensor, index: Tensor) -> None:
        """Move the codes towards the means of all ranks' vectors, and begin unused ones anew."""
        super().follow(z, index)
        vectors, codes = flat(z), index.flatten()
        sums = torch.zeros_like(self.sums).index_add_(0, codes, vectors)
        self.counts.lerp_(summed(tally(codes, self.codes)), 1 - self.decay)
        self.sums.lerp_(summed(sums), 1 - self.decay)
        self._revive(vectors)
        means = self.sums / self.counts.clamp(min=1e-12)[:, None]
        self.codebook.copy_(torch.where(self.counts[:, None] > 1e-6, means, self.codebook))

    def _revive(self, vectors: Tensor) -> None:
        """Put codes of little use at random vectors, with an even use."""
        unused, drawn = begun_anew(self.counts, self.revived, vectors)
        self.sums.copy_(torch.where(unused[:, None], self.counts[:, None] * drawn, self.sums))
