"""Whether samples are copies of training items, and FID with a penalty for that."""

from gen_models.analysis.subject import Subject, SubjectFigure
from gen_models.metrics.features import Features
from gen_models.metrics.measures import fid
from gen_models.metrics.memorisation import THRESHOLD, copying, memorisation_distance
from gen_models.metrics.record import COPYING, Estimate

TRAINING = 10_000
"""Training items among which copies are looked for."""


def memorisation(subject: Subject) -> list[Estimate]:
    """Whether samples are nearer to training items than fresh data are, and memorisation-informed FID (MiFID).

    Meehan et al. (2020), https://arxiv.org/abs/2004.05675; Bai et al. (2021), https://arxiv.org/abs/2106.03062.
    """
    fake, real = subject.features(subject.samples), subject.real_features(subject.n)
    training = subject.copied_features(TRAINING)
    share = copying(fake.x, real.x, training)
    distance = fid(fake, real)
    value = distance.value / memorisation_distance(fake.x, training)
    score = fid(Features(training[: subject.n]), real).value / memorisation_distance(real.x, training)
    protocol = subject.protocol(n_train=len(training))
    penalised = {**protocol, "threshold": THRESHOLD}
    return [
        Estimate(share.value, share.error, protocol, real=0.5),
        Estimate(value, protocol=penalised, found=distance.found, real=score, title="MiFID"),
    ]


MEMORISATION = SubjectFigure(
    name="memorisation",
    titles=(COPYING, "MiFID"),
    higher_is_better=False,
    take=memorisation,
    seen=True,
    slow=True,
    reads=("n",),
)
