"""Mode coverage of points: modes that samples reach, how evenly, and how many samples are near one.

Srivastava et al. (2017), VEEGAN, section 4.1, https://arxiv.org/abs/1705.07761.
"""

import torch
from torch import Tensor

from gen_models.analysis.subject import Subject, SubjectFigure
from gen_models.data.mixture import Mixture
from gen_models.data.toys import Toy
from gen_models.metrics.modes import counts, reverse_kl
from gen_models.metrics.record import Estimate
from gen_models.metrics.standard_errors import share_error

REACH = 3.0
"""Standard deviations from the nearest mode up to which a sample is good."""


def modes(subject: Subject) -> list[Estimate]:
    """Modes that have a good sample, and the share of good samples with its standard error."""
    found, real = _found(subject, subject.samples), _found(subject, _real(subject))
    share, protocol = float(found.sum()) / subject.n, _protocol(subject)
    error = share_error(share, subject.n)
    ideal = float(real.sum()) / len(_real(subject))
    return [
        Estimate(float((found > 0).sum()), protocol=protocol, real=float((real > 0).sum())),
        Estimate(share, error, protocol, real=ideal, title="share of good samples"),
    ]


def divergence(subject: Subject) -> list[Estimate]:
    """KL divergence in nats of the modes of good samples from the data's; no value where no sample is good."""
    weights = torch.from_numpy(_mixture(subject).weights)
    value, real = (reverse_kl(_found(subject, x), weights) for x in (subject.samples, _real(subject)))
    return [Estimate(value, protocol=_protocol(subject), real=real)]


def _found(subject: Subject, x: Tensor) -> Tensor:
    """Good samples in each mode, (K,)."""
    mixture = _mixture(subject)
    mode, distance = mixture.nearest(x)
    return counts(mode[distance <= REACH], len(mixture.weights))


def _real(subject: Subject) -> Tensor:
    return subject.real(subject.n)[0]


def _protocol(subject: Subject) -> dict[str, object]:
    return subject.protocol(modes=len(_mixture(subject).weights), reach=REACH)


def _mixture(subject: Subject) -> Mixture:
    assert isinstance(subject.source, Toy)
    assert subject.source.modes is not None
    return subject.source.modes


def _known(subject: Subject) -> str:
    known = isinstance(subject.source, Toy) and subject.source.modes is not None
    return "" if known else "points with modes: choose data=ring or data=grid25"


MODES = SubjectFigure(
    name="modes",
    titles=("modes", "share of good samples"),
    higher_is_better=True,
    take=modes,
    needs=_known,
    reads=("n",),
)
MODE_DIVERGENCE = SubjectFigure(
    name="mode_divergence",
    titles=("KL of modes",),
    higher_is_better=False,
    take=divergence,
    needs=_known,
    reads=("n",),
)
