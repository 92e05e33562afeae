"""Data sets as arrays of images or points. A set is a final subclass of `gen_models.data.source.Source`."""

# Nothing heavy here: the processes that render images import this package too.

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
