"""The contract of a generative model and the one engine that trains them all."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
