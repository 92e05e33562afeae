"""Augmentations that both players look through: differentiable, random, another for every sample."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
