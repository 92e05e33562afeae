"""Projections of weights after a move: clipping, norms, the unit ball."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
