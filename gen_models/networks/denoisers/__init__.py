"""Denoisers of diffusion, flow matching and consistency models: networks told the noise level and the class."""
