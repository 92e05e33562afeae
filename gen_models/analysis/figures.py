"""Figures that take longer than a pass of an extractor; `gen-models evaluate RUN --figures …` takes them."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from gen_models.analysis.smoothness import path_length
from gen_models.analysis.subject import Subject
from gen_models.core.abilities import Decodes, HasCodePrior
from gen_models.data.interface import Held, classes_of
from gen_models.errors import UsageError, nearest
from gen_models.metrics import critic
from gen_models.metrics.classifier import BATCH, accuracy_of, labelling, train_classifier
from gen_models.metrics.critic import classifier_test
from gen_models.metrics.diversity import ms_ssim, settings
from gen_models.metrics.features import Features
from gen_models.metrics.measures import fid
from gen_models.metrics.memorisation import THRESHOLD, copying, memorisation_distance
from gen_models.metrics.parzen import cross_validated, log_density
from gen_models.metrics.record import Estimate, Record
from gen_models.randomness import isolated

LEAST = 300
"""Turns of a classifier that is fitted to few samples."""
TRAINING = 10_000
"""Training items among which copies are looked for."""


def per_class(subject: Subject) -> list[Record]:
    """The mean over classes of FID, and each (intra-FID of Miyato and Koyama 2018, section 5)."""
    (x, y), (other, other_y) = subject.real(len(subject.source.test)), subject.real(subject.n, held_out=False)
    real = subject.features(x).x
    found = _by_class(subject.features(subject.samples).x, subject.labels, real, y, subject.classes)
    floors = _by_class(subject.features(other).x, other_y, real, y, subject.classes)
    values, floor = (torch.tensor([estimate.value for estimate in each]).double() for each in (found, floors))
    counts = {"n_real": len(x), "n_floor": len(other), "classes": labelling(y)}
    protocol = subject.protocol(seen=True, **counts, **found[0].protocol)
    error = float(values.std() / math.sqrt(len(values)))
    parts = {str(label): value for label, value in enumerate(values.tolist())}
    return [Record("intra-FID", float(values.mean()), error, float(floor.mean()), None, protocol, parts)]


def _by_class(fake: Tensor, fake_y: Tensor, real: Tensor, real_y: Tensor, classes: int) -> list[Estimate]:
    """FID of each class, of features (N, F) of classes (N,)."""
    return [fid(Features(fake.cpu()[fake_y == c]), Features(real.cpu()[real_y == c])) for c in range(classes)]


def accuracy_score(subject: Subject) -> list[Record]:
    """Accuracy on held-out items of a classifier fitted to samples (Ravuri and Vinyals 2019)."""
    shape, classes = tuple(subject.source.spec["shape"]), subject.classes
    epochs = max(3, math.ceil(LEAST * BATCH / subject.n))
    real = subject.real(subject.n, held_out=False)

    def score(x: Tensor, y: Tensor) -> float:
        network = train_classifier(Held(x, y), classes, shape, subject.seed, epochs, subject.device)
        return float(accuracy_of(network, subject.source.test, subject.device))

    value, floor = score(subject.samples, subject.labels), score(*real)
    count, named = len(subject.source.test), labelling(classes_of(subject.source.test))
    protocol = subject.protocol(n_floor=len(real[0]), n_real=count, epochs=epochs, classes=named)
    error = math.sqrt(value * (1 - value) / count)
    return [Record("classifier accuracy score", value, error, floor, 1 / classes, protocol)]


def two_sample(subject: Subject) -> list[Record]:
    """Accuracy of a classifier between held-out items and samples; ½ is perfect."""
    found = classifier_test(subject.real(subject.n)[0], subject.samples, subject.device, subject.seed)
    error = math.sqrt(found.accuracy * (1 - found.accuracy) / found.n)
    protocol = subject.protocol(judged=found.n, turns=critic.TURNS, p=found.p)
    return [Record("two-sample classifier accuracy", found.accuracy, error, 0.5, 1.0, protocol)]


def parzen(subject: Subject) -> list[Record]:
    """Held-out items' log-likelihood under windows around samples, whose width other held-out items choose."""
    x, _ = subject.real(2 * subject.n)
    validation, test = ((1 + part.flatten(1)) / 2 for part in x.chunk(2))

    def mean(centres: Tensor) -> tuple[Tensor, float]:
        centres = (1 + centres.flatten(1)) / 2
        sigma = cross_validated(validation, centres)
        return log_density(test, centres, sigma), sigma

    values, sigma = mean(subject.samples)
    floor, _ = mean(subject.real(subject.n, held_out=False)[0])
    protocol = subject.protocol(unit="nats of pixels in [0, 1]", n_real=len(test), sigma=sigma)
    error = float(values.std() / math.sqrt(len(values)))
    return [Record("Parzen log-likelihood", float(values.mean()), error, float(floor.mean()), None, protocol)]


def diversity(subject: Subject) -> list[Record]:
    """Mean MS-SSIM of pairs of samples: what real pairs have is as varied as the data, 1 is one picture."""
    drawn, real = subject.samples, subject.real(subject.n)[0]
    order = torch.randperm(len(drawn), generator=torch.Generator().manual_seed(subject.seed))  # labels stand in turn
    values, floor = (ms_ssim(*x[: len(x) // 2 * 2].chunk(2)) for x in (drawn[order], real))
    sigma, scales = settings(min(drawn.shape[-2:]))
    protocol = subject.protocol(pairs=len(values), scales=scales, window=sigma)
    error = float(values.std() / math.sqrt(len(values)))
    return [Record("MS-SSIM of pairs", float(values.mean()), error, float(floor.mean()), 1.0, protocol)]


def memorisation(subject: Subject) -> list[Record]:
    """Whether samples are nearer to training items than fresh data are, and FID with a penalty for that (MiFID)."""
    fake, real = subject.features(subject.samples), subject.features(subject.real(subject.n)[0])
    training = subject.features(subject.real(TRAINING, held_out=False)[0]).x
    found = copying(fake.x, real.x, training)
    protocol = subject.protocol(seen=True, n_train=len(training))
    value, _, chosen = fid(fake, real)
    value /= memorisation_distance(fake.x, training)
    floor = fid(Features(training[: subject.n]), real).value / memorisation_distance(real.x, training)
    return [
        Record("copying of training items", found.value, found.error, 0.5, protocol=protocol),
        Record("MiFID", value, None, floor, None, {**protocol, **chosen, "threshold": THRESHOLD}),
    ]


class Figure(NamedTuple):
    """How a figure is taken, and what a subject lacks for it: the rest of a sentence, or ""."""

    take: Callable[[Subject], list[Record]]
    lacks: Callable[[Subject], str]


def _nothing(subject: Subject) -> str:
    return ""


def _classes(subject: Subject) -> str:
    return "" if subject.classes and subject.images else "images of classes on demand: choose model=cgan, cvae or acgan"


def _pictures(subject: Subject) -> str:
    return "" if subject.images else "data that are images"


def _codes(subject: Subject) -> str:
    able = isinstance(subject.model, Decodes) and isinstance(subject.model, HasCodePrior)
    return "" if able else "a prior over codes that it decodes: choose model=gan, vae, aae, or a flow"


FIGURES = {
    "per_class": Figure(per_class, _classes),
    "cas": Figure(accuracy_score, _classes),
    "c2st": Figure(two_sample, _nothing),
    "parzen": Figure(parzen, _nothing),
    "diversity": Figure(diversity, _pictures),
    "memorisation": Figure(memorisation, _nothing),
    "smoothness": Figure(path_length, _codes),
}


def take(subject: Subject, names: Sequence[str]) -> list[Record]:
    """Take figures by their names; of "all" those that the model is able to give.

    Raises:
        UsageError: There is no such figure, or the model can't give it.
    """
    for name in names:
        if name != "all" and name not in FIGURES:
            raise UsageError(f"there is no figure '{name}': {nearest(name, [*FIGURES, 'all'])}")
        if name != "all" and (lacking := FIGURES[name].lacks(subject)):
            raise UsageError(f"the figure '{name}' needs {lacking}.")
    able = [name for name, figure in FIGURES.items() if not figure.lacks(subject)]
    chosen = [name for name in FIGURES if name in names or ("all" in names and name in able)]
    with isolated("figures", subject.seed):
        return [record for name in chosen for record in FIGURES[name].take(subject)]
