"""Normalising flows: bijections, one small class each, chained to the flows of the papers.

Every bijection has `forward(x, y) -> (z, log|det dz/dx| (B,))` and `inverse(z, y) -> x`, for pictures (B, C, H, W) and
points (B, D) alike. All of them compute in float32, also under autocast: only the networks inside couplings, which need
no inverse, run in the precision of the trainer, and those of autoregressive blocks in training.
"""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
