"""Figures of models that draw classes on demand: intra-FID, and the classification accuracy score."""

import math

import torch
from torch import Tensor

from gen_models.analysis.subject import Subject, SubjectFigure
from gen_models.data.interface import Held, classes_of
from gen_models.metrics.classifier import BATCH, accuracy_of, labelling, train_classifier
from gen_models.metrics.features import Features
from gen_models.metrics.measures import fid
from gen_models.metrics.record import Estimate
from gen_models.metrics.standard_errors import mean_error, share_error

LEAST = 300
"""Turns of a classifier that is fitted to few samples."""


def intra_fid(subject: Subject) -> list[Estimate]:
    """The mean over classes of FID, and each (Miyato and Koyama 2018, section 5, https://arxiv.org/abs/1802.05637).

    Classes of which there are fewer than two samples, held-out items or training items have none, and are named.
    """
    (x, y), (other, other_y) = subject.real(len(subject.unseen)), subject.real(subject.n, held_out=False)
    counts = [torch.bincount(labels, minlength=subject.classes) for labels in (y, other_y, subject.labels)]
    judged = torch.stack(counts).amin(0).ge(2)
    kept, rare = judged.nonzero().flatten().tolist(), (~judged).nonzero().flatten().tolist()
    real = subject.real_features(len(x)).x
    estimates = _by_class(subject.features(subject.samples).x, subject.labels, real, y, kept)
    others = _by_class(subject.real_features(len(other), held_out=False).x, other_y, real, y, kept)
    values, scores = (torch.tensor([each.value for each in found]).double() for found in (estimates, others))
    protocol = subject.protocol(n_real=len(x), n_other=len(other), labels=labelling(y))
    parts = dict(zip(map(str, kept), values.tolist(), strict=True))
    found = {"warning": f"too few of class {', '.join(map(str, rare))}"} if rare else dict(estimates[0].found)
    return [Estimate(float(values.mean()), mean_error(values), protocol, found, real=float(scores.mean()), parts=parts)]


def _by_class(fake: Tensor, fake_y: Tensor, real: Tensor, real_y: Tensor, classes: list[int]) -> list[Estimate]:
    """FID of each class, of features (N, F) of classes (N,)."""
    return [fid(Features(fake.cpu()[fake_y == c]), Features(real.cpu()[real_y == c])) for c in classes]


def accuracy_score(subject: Subject) -> list[Estimate]:
    """Accuracy on held-out items of a classifier fitted to samples.

    Ravuri and Vinyals (2019): Classification accuracy score for conditional generative models,
    https://arxiv.org/abs/1905.10887.
    """
    shape, classes = tuple(subject.source.spec["shape"]), subject.classes
    epochs = max(3, math.ceil(LEAST * BATCH / subject.n))
    real = subject.real(subject.n, held_out=False)

    def score(x: Tensor, y: Tensor) -> float:
        network = train_classifier(Held(x, y), classes, shape, subject.seed, epochs, subject.device)
        return float(accuracy_of(network, subject.unseen, subject.device))

    value = score(subject.samples, subject.labels)
    count, named = len(subject.unseen), labelling(classes_of(subject.unseen))
    protocol = subject.protocol(n_other=len(real[0]), n_real=count, epochs=epochs, labels=named)
    error = share_error(value, count)
    return [Estimate(value, error, protocol, real=score(*real), chance=1 / classes)]


def _classes(subject: Subject) -> str:
    return "" if subject.classes and subject.images else "images of classes on demand: choose model=cgan, cvae or acgan"


INTRA_FID = SubjectFigure(
    name="per_class",
    titles=("intra-FID",),
    higher_is_better=False,
    take=intra_fid,
    needs=_classes,
    seen=True,
    slow=True,
    reads=("n",),
)
ACCURACY_SCORE = SubjectFigure(
    name="cas",
    titles=("classifier accuracy score",),
    higher_is_better=True,
    take=accuracy_score,
    needs=_classes,
    slow=True,
    reads=("n",),
)
