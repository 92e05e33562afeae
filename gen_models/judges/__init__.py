"""Fixed losses of samples (judges), as terms of a generator's objective."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
