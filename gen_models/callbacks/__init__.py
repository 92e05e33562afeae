"""What happens around a training: saving, pictures, figures, the progress bar."""

from gen_models.public import exporting

__getattr__, __dir__ = exporting(__name__, __file__)
