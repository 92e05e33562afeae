"""Measures of a picture grid, in pixels; for readers of pictures too, who need no torch."""

GAP = 2
"""White ones between the pictures of a grid."""
LEAST = 256
"""The least width of a grid: smaller ones are enlarged."""
