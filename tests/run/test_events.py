"""The file of alarms."""

import os

import pytest

from gen_models.run.events import Event, events, forget_after, note


def test_a_full_disk_costs_no_alarm(tmp_path, monkeypatch):
    for turn in (1, 2, 3):
        note(tmp_path, Event(turn, "variation", "samples are all alike"))

    def full(*places):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            forget_after(tmp_path, 2)
    assert [event.turn for event in events(tmp_path)] == [1, 2, 3]
    forget_after(tmp_path, 2)
    assert [event.turn for event in events(tmp_path)] == [1, 2]
