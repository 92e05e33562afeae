"""Losses as functions of what they need: logits, tensors. None knows a network."""
