"""Transformers' parts: attention with and without a memory, blocks around it, position embeddings."""
