"""Terms that gather between two rows of the log."""

import pytest
import torch

from gen_models.core.meter import FOLD, Meter


def filled(meter, count, start=0, every=1, bad=None):
    for turn in range(start, count):
        value = float("nan") if turn == bad else float(torch.tensor(turn).sin())
        meter.add("a", torch.tensor(value), every * turn)
        meter.add("b", torch.tensor(1.0), every * turn)
    return meter


def test_what_gathers_for_long_stays_small_and_has_the_same_mean():
    meter = filled(Meter(), 5 * FOLD + 7)
    assert len(meter._values["a"]) < 2 * FOLD
    state = meter.state()
    assert sum(map(len, (state["a"]["values"], state["a"]["turns"]))) < 4 * FOLD
    again = Meter()
    again.restore(state)
    expected = torch.arange(5 * FOLD + 7).sin().double().mean().item()
    assert meter.read() == again.read() == pytest.approx({"a": expected, "b": 1.0}, abs=1e-6)
    assert meter.read() == {}


@pytest.mark.parametrize("bad", [0, 1234, 4999])
def test_the_first_broken_turn_is_known_of_what_was_folded(bad):
    meter = filled(Meter(), 5 * FOLD, every=5, bad=bad)
    meter.read()
    assert meter.broken == {"a": 5 * bad}
