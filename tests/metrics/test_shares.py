"""Errors of shares."""

import pytest

from gen_models.metrics.shares import share_error


def test_none_and_all_are_not_known_for_sure():
    for share in (0.0, 1.0):
        assert share_error(share, 100) == pytest.approx(0.007, abs=1e-4)
    assert share_error(0.5, 100) == pytest.approx(0.05)
    assert share_error(0.2, 10_000) == pytest.approx(0.004, rel=1e-3)
