"""The one exception that data sets raise for a person to read."""


class DataError(ValueError):
    """What is wrong with the data, and what to do about it, in one sentence."""


class BadImage(DataError):
    """One image that cannot be read faithfully; the message is the reason."""
