"""Ranges of pixels within networks; outside they lie in [-1, 1], as all data."""

from typing import Literal

Range = Literal["signed", "unit"]
"""Of pixels as a network sees them: from -1 to 1, or from 0, which is black, to 1."""
