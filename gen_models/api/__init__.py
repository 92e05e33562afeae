"""Training and asking from Python: what `gen_models.train`, `evaluate`, `compare` and the others are."""
