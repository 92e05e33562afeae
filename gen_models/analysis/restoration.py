"""What a damaged picture has gained."""

from torch import Tensor

from gen_models.analysis.memory import psnr
from gen_models.core.abilities import HasRestorations
from gen_models.metrics.record import Record


def restoration(model: HasRestorations) -> list[Record]:
    """PSNR in dB to the clean picture, of what was observed and of everything that the model made of it."""
    pictures = model.restored()
    clean = pictures.pop("clean")
    protocol = {"unit": "dB", "real": "the clean picture"}
    return [
        Record(f"PSNR of the {name} picture", _psnr(picture, clean), protocol=protocol)
        for name, picture in pictures.items()
    ]


def _psnr(picture: Tensor, clean: Tensor) -> float:
    return float(psnr(picture[None], clean[None]))
