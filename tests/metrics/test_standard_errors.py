"""Standard errors of means and of shares."""

import pytest
import torch

from gen_models.metrics.standard_errors import mean_error, share_error


def test_none_and_all_are_not_known_for_sure():
    for share in (0.0, 1.0):
        assert share_error(share, 100) == pytest.approx(0.007, abs=1e-4)
    assert share_error(0.5, 100) == pytest.approx(0.05)
    assert share_error(0.2, 10_000) == pytest.approx(0.004, rel=1e-3)


def test_a_single_value_says_nothing_of_its_error(recwarn):
    assert mean_error(torch.tensor([0.0, 2.0])) == pytest.approx(1)
    assert mean_error(torch.ones(1)) is None
    assert not recwarn.list
