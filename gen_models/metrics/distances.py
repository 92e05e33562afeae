"""Distances of two sets of features beside FID and KID: FID extrapolated, sliced Wasserstein, and MMD under a Gaussian.

All compare as many samples as there are, and none fits more than it must: what FID says of few samples is mostly bias.
"""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from gen_models.losses.discrepancy import median_square
from gen_models.metrics.features import Features
from gen_models.metrics.figure import of_features
from gen_models.metrics.measures import fid
from gen_models.metrics.record import Estimate
from gen_models.metrics.remembered import remembered

SIZES = 15
"""Numbers of samples whose FID is extrapolated, as published."""
LEAST = 10
"""Share of the samples, one over this, that the smallest of them has: 5,000 of 50,000, as published."""
DIRECTIONS = 1000
WIDTH_OF = 1000
"""Real items whose distances give the kernel its width."""
BLOCK = 2**24
"""Distances, or projections, in memory at a time."""


def fid_extrapolated(fake: Features, real: Features) -> Estimate:
    """FID∞: the Fréchet distance that infinitely many samples would have, by a line in 1/N through FIDs of N samples.

    Chong and Forsyth (2020), section 3, https://arxiv.org/abs/1911.07023. Fifteen N, evenly spaced from a tenth of the
    samples to all of them, picked at random; from one more than there are features where a tenth are fewer, if that
    leaves half of the samples, since the covariances of fewer have no full rank, and FID is no line in 1/N there: the
    published 5,000 are more than InceptionV3's 2,048 features. The bias that comes of finitely many real items stays.
    The warning is that of the fewest samples.
    """
    n, full = len(fake.x), fake.x.shape[1] + 1
    least = max(2, n / LEAST, full if 2 * full <= n else 0)
    sizes = torch.linspace(least, n, SIZES).round().long()
    order = torch.randperm(n)
    found = [fid(Features(fake.x[order[:size]]), real) for size in sizes.tolist()]
    line = torch.stack([torch.ones(SIZES), 1 / sizes], 1).double()
    values = torch.tensor([each.value for each in found], dtype=torch.float64)
    intercept = torch.linalg.lstsq(line, values[:, None]).solution[0].item()
    return Estimate(intercept, None, {"sizes": SIZES, "least": int(sizes[0])}, found[0].found)


def sliced_wasserstein(fake: Features, real: Features) -> Estimate:
    """Sliced Wasserstein distance: the mean of squared one-dimensional W₂ distances along random directions.

    Rabin et al. (2011), https://doi.org/10.1007/978-3-642-24785-9_37; of features of InceptionV3 it is the idea of MIND
    (Berthet et al. 2026, https://arxiv.org/abs/2605.06797). Along a direction W₂ pairs the two sets in their order.
    Of Gaussians a distance m apart it is |m|² over the dimensions.
    """
    width = fake.x.shape[1]
    directions = normalize(torch.randn(DIRECTIONS, width), dim=1).to(fake.x)
    each = max(1, BLOCK // (len(fake.x) + len(real.x)))
    squares = [_wasserstein2(fake.x @ some.T, real.x @ some.T) for some in directions.split(each)]
    return Estimate(torch.cat(squares).mean().item(), None, {"directions": DIRECTIONS})


def _wasserstein2(x: Tensor, y: Tensor) -> Tensor:
    """Squared W₂ distances (D,) of the columns of x (N, D) and y (M, D), exact for any N and M."""
    x, y = x.double().sort(0).values, y.double().sort(0).values
    if len(x) == len(y):
        return (x - y).square().mean(0)
    edges = torch.cat([torch.arange(1, len(z) + 1, dtype=torch.float64) / len(z) for z in (x, y)]).unique().to(x.device)
    widths = torch.diff(edges, prepend=edges.new_zeros(1))
    middles = edges - widths / 2
    steps = [z[(middles * len(z)).long().clamp(max=len(z) - 1)] for z in (x, y)]
    return widths @ (steps[0] - steps[1]).square()


def rbf_mmd(fake: Features, real: Features) -> Estimate:
    """Unbiased MMD² under a Gaussian kernel as wide as the median distance of real items.

    Gretton et al. (2012), equation 3, https://jmlr.org/papers/v13/gretton12a.html. CMMD (Jayasumana et al. 2024,
    https://arxiv.org/abs/2401.09603) is this for normalised features of CLIP and a width of 10, printed times 1,000.
    The error is that of its first-order terms.
    """
    width = _width(real.x)
    mixed = _mean_kernel(fake.x, real.x, width), _mean_kernel(real.x, fake.x, width)
    own = [
        (_mean_kernel(x, x, width) * len(x) - 1) / (len(x) - 1)  # without the item itself
        for x in (fake.x, real.x)
    ]
    value = own[0].mean() + own[1].mean() - 2 * mixed[0].mean()
    terms = [4 * (mine - other).var() / len(mine) for mine, other in zip(own, mixed, strict=True)]
    error = torch.stack(terms).sum().sqrt().item()  # the width differs in its last digits by machine: no condition
    return Estimate(value.item(), error, {"kernel": "Gaussian, of median width"}, {"squared_width": float(width)})


@remembered
def _width(real: Tensor) -> Tensor:
    return median_square(real[:WIDTH_OF])


def _mean_kernel(x: Tensor, y: Tensor, squared_width: Tensor) -> Tensor:
    """The mean kernel (N,) of each of x (N, F) with all of y (M, F)."""
    some = x.split(max(1, BLOCK // len(y)))
    return torch.cat([(-0.5 * torch.cdist(part, y).square() / squared_width).exp().double().mean(1) for part in some])


FID_EXTRAPOLATED = of_features("fid_extrapolated", "FID extrapolated", fid_extrapolated, higher_is_better=False)
SLICED = of_features("sliced_wasserstein", "sliced Wasserstein distance", sliced_wasserstein, higher_is_better=False)
RBF_MMD = of_features("rbf_mmd", "MMD", rbf_mmd, higher_is_better=False)
