"""Data sets as arrays of images or points. A set is a final subclass of `data.source.Source`."""

# Nothing heavy here: the processes that render images import this package too.
from data.errors import DataError

__all__ = ["DataError"]
