"""The classifier two-sample test (Lopez-Paz and Oquab 2017, https://arxiv.org/abs/1610.06545) of samples and data."""

from gen_models.analysis.subject import Subject, SubjectFigure
from gen_models.metrics import critic
from gen_models.metrics.critic import classifier_test
from gen_models.metrics.record import Estimate
from gen_models.metrics.standard_errors import share_error


def two_sample(subject: Subject) -> list[Estimate]:
    """Accuracy of a classifier between held-out items and samples: ½ is perfect, 1 the worst."""
    verdict = classifier_test(subject.real(subject.n)[0], subject.samples, subject.device, subject.seed)
    error = share_error(verdict.accuracy, verdict.n)
    protocol = subject.protocol(judged=verdict.n, turns=critic.TURNS)
    return [Estimate(verdict.accuracy, error, protocol, {"p": verdict.p}, real=0.5)]


C2ST = SubjectFigure(
    name="c2st",
    titles=("two-sample classifier accuracy",),
    higher_is_better=False,
    take=two_sample,
    slow=True,
    reads=("n",),
)
