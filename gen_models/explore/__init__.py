"""A local page that asks trained models: a server for one person on this machine, and its static files."""
