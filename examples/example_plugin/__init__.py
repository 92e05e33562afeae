"""A plug-in as somebody else would write it: a loss, a network, two families, figures, and their configs."""
