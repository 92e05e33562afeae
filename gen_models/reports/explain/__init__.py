"""A model on one screen, assembled again from its parts' signatures, sources and docstrings."""
