"""Fixed opinions of samples, as terms of a generator's objective."""
