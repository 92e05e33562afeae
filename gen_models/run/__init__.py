"""One job and its run directory: build, check, continue, conclude, leave."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
