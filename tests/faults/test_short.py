"""The short form of the matrix of faults: a handful of trials of each row."""

import pytest

from tests.faults.__main__ import played
from tests.faults.rows import ROWS


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
def test_all_trials_hold(name):
    tally, _ = played(name, "short")
    assert tally.trials > 0
    assert tally.held == tally.trials, tally.worst
