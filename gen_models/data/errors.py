"""What the readers of single files raise; whoever reads a whole set decides what it means."""

from gen_models.errors import UsageError


class BadImage(UsageError):
    """One image that cannot be read faithfully; the message is the reason."""
