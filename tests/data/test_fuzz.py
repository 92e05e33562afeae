"""Odd and damaged images: each is read or has a reason, in bounded memory. `make faults` takes thousands."""

from tests.data.fuzzing import fuzz, memory


def test_every_odd_or_damaged_image_is_read_or_has_a_reason(tmp_path):
    before = memory()
    outcomes = fuzz(tmp_path, 400)
    assert outcomes["read"] > 150
    assert outcomes.total() - outcomes["read"] > 50
    assert memory() - before < 500
