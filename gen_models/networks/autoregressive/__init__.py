"""Autoregressive networks, and samplers for them that cache what they have computed."""
