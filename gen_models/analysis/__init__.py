"""What a model, or a run directory, can be asked."""
