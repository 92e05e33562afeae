"""One file a family: what it optimises, and how it samples."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
