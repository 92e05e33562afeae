"""A plug-in as somebody else would write it: a loss, a network, a family, and their configs."""
