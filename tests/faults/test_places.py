"""The calls that trials break are there: a call that was moved would break nothing, or the trial itself."""

import re
from pathlib import Path

import pytest

from tests.faults.patches import owner_of

SOURCES = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*.py"))
PLACES = sorted({*re.findall(r'"(gen_models[\w.]*:[\w.]+)"', SOURCES)})


@pytest.mark.parametrize("place", PLACES)
def test_it_is_there(place):
    owner, name = owner_of(place)
    assert callable(getattr(owner, name))
