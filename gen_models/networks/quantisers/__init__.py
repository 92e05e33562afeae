"""Quantisers: vectors to the nearest of so many codes, and back."""
