"""The bar of what takes a while: on a terminal, after a moment, one at a time."""

import io
import time

import pytest
from rich.console import Console

from gen_models import waiting as module
from gen_models.waiting import awaited, unshown, waiting


@pytest.fixture
def screen(monkeypatch):
    """A terminal that keeps what it is sent."""
    monkeypatch.setattr(module, "MOMENT", 0.05)
    return Console(file=io.StringIO(), force_terminal=True, width=80)


def test_what_lasts_has_a_bar_that_counts(screen):
    read = []
    for item in awaited(range(4), "drawing samples", 4, screen):
        read.append(item)
        time.sleep(0.06)
    assert read == [0, 1, 2, 3]
    assert "drawing samples" in screen.file.getvalue()
    assert "1/4" in screen.file.getvalue() or "2/4" in screen.file.getvalue()


@pytest.mark.parametrize(("terminal", "seconds"), [(True, 0), (False, 0.1)])
def test_what_is_short_and_what_is_no_terminal_has_none(monkeypatch, terminal, seconds):
    monkeypatch.setattr(module, "MOMENT", 0.05)
    console = Console(file=io.StringIO(), force_terminal=terminal)
    with waiting("drawing samples", console=console):
        time.sleep(seconds)
    assert console.file.getvalue() == ""


def test_of_waits_within_waits_the_outer_is_shown_and_lets_go(screen):
    with waiting("outer", console=screen), waiting("inner", console=screen):
        time.sleep(0.2)
    assert "outer" in screen.file.getvalue()
    assert "inner" not in screen.file.getvalue()
    with pytest.raises(ZeroDivisionError), waiting("third", console=screen):
        raise ZeroDivisionError
    assert not module.SCREEN.locked()


def test_whoever_wants_no_bar_sees_none(screen):
    with unshown(), unshown(), waiting("drawing samples", console=screen):
        time.sleep(0.2)
    assert screen.file.getvalue() == ""
    assert not module.SCREEN.locked()
