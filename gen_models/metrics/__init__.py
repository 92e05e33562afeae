"""What a trained model is worth: feature extractors, metrics of their features, and records that carry a protocol."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
