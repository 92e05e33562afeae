"""What a damaged picture has gained."""

from gen_models.analysis.subject import Subject, SubjectFigure, able
from gen_models.core.abilities.completion import HasRestorations
from gen_models.metrics.psnr import psnr
from gen_models.metrics.record import Estimate


def restoration(subject: Subject) -> list[Estimate]:
    """PSNR in dB to the clean picture, of what was observed and of everything that the model made of it."""
    assert isinstance(subject.model, HasRestorations)
    pictures = subject.model.restored()
    clean = pictures.pop("clean")
    protocol = {"unit": "dB", "real": "the clean picture"}
    return [
        Estimate(float(psnr(picture[None], clean[None])), None, protocol, title=f"PSNR of the {name} picture")
        for name, picture in pictures.items()
    ]


RESTORATION = SubjectFigure(
    name="restoration",
    titles=("PSNR of the * picture",),
    higher_is_better=True,
    take=restoration,
    needs=able(HasRestorations),
    held_out=False,
    reads=(),
)
