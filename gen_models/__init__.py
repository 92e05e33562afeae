"""Every classical family of generative models in one harness, scored on one board."""

from gen_models.core.model import GenerativeModel
from gen_models.core.run import load

__all__ = ["GenerativeModel", "load"]
