"""Theory of GANs on one-dimensional data (optimal critics, divergences, gradients) beside real trainings."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
