"""What a trained model is worth: feature extractors, metrics of their features, and records that carry a protocol."""
