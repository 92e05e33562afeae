"""FID, KID and IS of features that are already there; KID and IS by torchmetrics."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torchmetrics.image.inception import InceptionScore
from torchmetrics.image.kid import KernelInceptionDistance

from gen_models.losses.discrepancy import Moments, moments
from gen_models.metrics.classifier import Classifier
from gen_models.metrics.extractors import Extractor
from gen_models.metrics.features import Features
from gen_models.metrics.figure import of_features
from gen_models.metrics.record import Estimate
from gen_models.metrics.remembered import remembered

LEAST_LOGIT = -700.0
"""Below the largest: a probability that float64 rounds to 0 would make 0 · ∞ of the divergence."""
BLOCK = 160
"""Columns of a symmetric product that are computed at once."""


@contextmanager
def _quiet() -> Iterator[None]:
    """Without torchmetrics' remarks that features are kept, which is the point, and that one split has no deviation."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def fid(fake: Features, real: Features) -> Estimate:
    """Fréchet distance of the Gaussians fitted to two sets (Heusel et al., 2017), in float64.

    ‖m - μ‖² + tr S + tr Σ - 2 tr (Σ^½ S Σ^½)^½, whose last trace is that of the roots of a symmetric matrix's
    eigenvalues. It is biased upwards, the more so the fewer the images; with no more images than features the
    covariance is singular, and the record carries a warning.
    """
    n, width = min(len(fake.x), len(real.x)), fake.x.shape[1]
    target, x = _gaussian(real.x), fake.x.double().cpu()
    centred = (x - x.mean(0)) / (len(x) - 1) ** 0.5
    overlap = torch.linalg.eigvalsh(_product(centred, target.root)).clamp(min=0).sqrt().sum()
    apart = (x.mean(0) - target.mean).square().sum()
    distance = apart + centred.square().sum() + target.root.square().sum() - 2 * overlap
    warning = {"warning": f"n ≤ {width} features: biased upwards"} if n <= width else {}
    return Estimate(max(0.0, distance.item()), found=warning)  # rounding takes equal sets below zero


def _product(centred: Tensor, root: Tensor) -> Tensor:
    """Σ^½ S Σ^½ for S = XᵀX of X (N, F); of few samples X Σ Xᵀ, which has the same eigenvalues but for zeros."""
    if len(centred) >= len(root):
        return _symmetric(_symmetric(centred, centred) @ root, root)
    turned = (centred @ root).T
    return _symmetric(turned, turned)


def _symmetric(a: Tensor, b: Tensor) -> Tensor:
    """AᵀB (F, F) of A, B (N, F) where that is symmetric: what lies under the blocks of its diagonal is mirrored."""
    product = a.new_empty(a.shape[1], a.shape[1])
    for start in range(0, len(product), BLOCK):
        end = start + BLOCK
        product[start:end, start:] = a[:, start:end].T @ b[:, start:]
        product[end:, start:end] = product[start:end, end:].T
    return product


@remembered
def _gaussian(features: Tensor) -> Moments:
    """The Gaussian of real features, which all models of a data set are compared with."""
    return moments(features.double().cpu())


def kid(fake: Features, real: Features) -> Estimate:
    """Unbiased MMD² under a cubic kernel (Bińkowski et al., 2018), mean and standard deviation over random subsets.

    As published 100 subsets of 1000, where each set has 2000; below that 20 subsets of half a set, for these overlap
    so much that more of them would tell little.
    """
    size = max(2, min(1000, min(len(fake.x), len(real.x)) // 2))
    subsets = 100 if size == 1000 else 20
    with _quiet():
        metric = KernelInceptionDistance(
            feature=nn.Identity(), subsets=subsets, subset_size=size, sync_on_compute=False
        )
        metric.update(real.x, real=True)
        metric.update(fake.x, real=False)
        mean, deviation = metric.compute()
    return Estimate(mean.item(), deviation.item(), {"subsets": subsets, "subset_size": size})


def inception_score(fake: Features, real: Features) -> Estimate:
    """Exponential of the nats that an image tells of its class (Salimans et al., 2016); the real set plays no part.

    As published the mean and standard deviation over 10 splits, where each has 500 images; below that fewer splits,
    for small ones bias it downwards.
    """
    assert fake.logits is not None
    logits = fake.logits.double().cpu()
    logits = (logits - logits.amax(1, keepdim=True)).clamp_min(LEAST_LOGIT)
    splits = max(1, min(10, len(fake.logits) // 500))
    with _quiet():
        metric = InceptionScore(feature=nn.Identity(), splits=splits, sync_on_compute=False)
        metric.update(logits)
        mean, deviation = metric.compute()
    return Estimate(mean.item(), deviation.item() if splits > 1 else None, {"splits": splits})


def _classes(extractor: Extractor | Classifier) -> str:
    return "" if extractor.has_logits else "an extractor with classes: choose metrics=classifier or metrics=lite0"


FID = of_features("fid", "FID", fid, higher_is_better=False)
KID = of_features("kid", "KID", kid, higher_is_better=False)
IS = of_features("is", "IS", inception_score, higher_is_better=True, needs=_classes)
