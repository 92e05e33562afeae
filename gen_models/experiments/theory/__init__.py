"""What theory says of a game on a line, beside what training does."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
