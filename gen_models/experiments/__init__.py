"""Studies beside the framework: they import it, and nothing of it imports them."""
