"""Abilities of a model beyond sampling, as protocols by subject; callbacks and analyses ask for nothing else."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
