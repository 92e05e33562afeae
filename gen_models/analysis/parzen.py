"""Log-likelihood under Parzen windows around samples, for the tables of older papers."""

from torch import Tensor

from gen_models.analysis.subject import Subject, SubjectFigure
from gen_models.metrics.parzen import cross_validated, log_density
from gen_models.metrics.record import Estimate
from gen_models.metrics.standard_errors import mean_error


def parzen(subject: Subject) -> list[Estimate]:
    """Held-out items' log-likelihood under windows around samples, whose width other held-out items choose."""
    x, _ = subject.real(2 * subject.n)
    validation, test = ((1 + part.flatten(1)) / 2 for part in x.chunk(2))

    def scores(centres: Tensor) -> tuple[Tensor, float]:
        centres = (1 + centres.flatten(1)) / 2
        sigma = cross_validated(validation, centres)
        return log_density(test, centres, sigma), sigma

    values, sigma = scores(subject.samples)
    others, _ = scores(subject.real(subject.n, held_out=False)[0])
    protocol = subject.protocol(unit="nats of pixels in [0, 1]", n_real=len(test))
    return [Estimate(float(values.mean()), mean_error(values), protocol, {"sigma": sigma}, real=float(others.mean()))]


PARZEN = SubjectFigure(
    name="parzen",
    titles=("Parzen log-likelihood",),
    higher_is_better=True,
    take=parzen,
    slow=True,
    reads=("n",),
)
