"""Parts of diffusion and flow models: paths from noise to data, solvers, couplings, guidance, densities."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
