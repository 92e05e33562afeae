"""Transformers' parts: attention with and without a memory, blocks around it, places of tokens."""
