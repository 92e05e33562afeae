"""Differentiable augmentations of real and generated images, corruptions and degradations."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
