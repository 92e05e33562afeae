"""Two figures: one of features, which --metric and metrics.metrics name, and one of a whole model, for --figures."""

from gen_models.analysis.subject import Subject, SubjectFigure
from gen_models.metrics.features import Features
from gen_models.metrics.figure import of_features
from gen_models.metrics.record import Estimate


def offset(fake: Features, real: Features) -> Estimate:
    """Distance of the means of two sets of features."""
    return Estimate(float((fake.x.mean(0) - real.x.mean(0)).norm()))


def brightness(subject: Subject) -> list[Estimate]:
    """Mean of the samples' pixels."""
    return [Estimate(float(subject.samples.mean()), protocol={"n": subject.n})]


OFFSET = of_features("offset", "offset", offset, higher_is_better=False)
BRIGHTNESS = SubjectFigure(name="brightness", titles=("brightness",), higher_is_better=True, take=brightness, slow=True)
