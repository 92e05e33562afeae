"""Losses as functions of what they need: logits, tensors. None knows a network."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
