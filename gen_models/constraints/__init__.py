"""Weight constraints: clipping, norm clipping, the unit ball."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
