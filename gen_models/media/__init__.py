"""What samples look and sound like as files: pixels, grids, films, sounds, plots."""
