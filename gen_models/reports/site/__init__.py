"""What the site of the documentation reads from the sources."""
