"""One file a family: what it optimises, and how it samples."""
