"""Mode coverage: how many modes of the data samples reach, and how evenly.

Srivastava et al. (2017), VEEGAN, section 4.1, https://arxiv.org/abs/1705.07761, and Lin et al. (2018), PacGAN,
https://arxiv.org/abs/1712.04086. Pictures have modes by a classifier: Metz et al. (2017), section 3.3.1,
https://arxiv.org/abs/1611.02163.
"""

import torch
from torch import Tensor

from gen_models.metrics.classifier import Classifier
from gen_models.metrics.extractors import Extractor
from gen_models.metrics.features import Features
from gen_models.metrics.figure import of_features
from gen_models.metrics.record import Estimate
from gen_models.metrics.stacked import Channelwise


def counts(modes: Tensor, total: int) -> Tensor:
    """Samples (total,) in each mode, of the modes (N,) that they belong to."""
    return torch.bincount(modes, minlength=total)


def reverse_kl(found: Tensor, weights: Tensor) -> float:
    """KL divergence in nats of samples' modes, by their counts (K,), from the data's, by their weights (K,).

    It is at most log K for even weights, about (K - 1) / 2n for n perfect samples, and NaN without samples.
    """
    p = found.double() / found.sum()
    return float((torch.xlogy(p, p) - torch.xlogy(p, weights.double())).sum())


def mode_count(fake: Features, real: Features) -> Estimate:
    """The number of classes that an extractor takes samples for; the real set plays no part."""
    found = _found(fake)
    return Estimate(float((found > 0).sum()), protocol={"modes": len(found)})


def mode_divergence(fake: Features, real: Features) -> Estimate:
    """KL divergence in nats of the classes that an extractor takes samples for from even classes."""
    found = _found(fake)
    even = torch.full((len(found),), 1 / len(found))
    return Estimate(reverse_kl(found, even), protocol={"modes": len(found)})


def _found(fake: Features) -> Tensor:
    """Samples (K^C,) in each combination of the classes of C parts; in each class where there is one part."""
    assert fake.logits is not None
    parts = fake.logits.cpu().flatten(2) if fake.logits.ndim > 2 else fake.logits.cpu()[:, :, None]
    base = parts.shape[1] ** torch.arange(parts.shape[2])
    return counts((parts.argmax(1) * base).sum(1), parts.shape[1] ** parts.shape[2])


def _classes(extractor: Extractor | Classifier) -> str:
    known = extractor.has_logits or isinstance(extractor, Channelwise)
    return "" if known else "an extractor with classes: choose metrics=stacked or metrics=classifier"


MODE_COUNT = of_features("class_modes", "modes", mode_count, higher_is_better=True, needs=_classes)
MODE_DIVERGENCE = of_features("class_modes_kl", "KL of modes", mode_divergence, higher_is_better=False, needs=_classes)
