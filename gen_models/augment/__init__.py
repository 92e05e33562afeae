"""Augmentations that both players look through: differentiable, random, another for every sample."""
