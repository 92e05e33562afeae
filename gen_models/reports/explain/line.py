"""One line about one part."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """What is said of a part of a model, or of a term of an objective.

    Attributes:
        label: What it is called in the configuration, or on the dashboard.
        text: Its formula, or what it is.
        place: `file:line`; empty for parts of other packages.
        maths: Whether the text is a formula.
        code: The statements that compute it; empty for what is no term.
    """

    label: str
    text: str
    place: str = ""
    maths: bool = False
    code: str = ""
