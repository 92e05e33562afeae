"""Samples as files: pixels, grids, films, sounds, plots."""
