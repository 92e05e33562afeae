"""What latents are drawn from (priors, codes with names), and where those of training items begin."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
