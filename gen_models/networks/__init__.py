"""Neural networks of every family, as plain torch modules.

A generator or decoder maps latents (B, latent_dim) and classes (B,) to samples; a body maps samples and classes to
features (B, num_features), and a head reads something off them. With `classes=0` the classes are ignored.
"""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
