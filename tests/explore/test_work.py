"""Drawings wait for each other, are counted, and end when they are asked to."""

from threading import Thread
from time import sleep

import pytest
import torch
from torch import nn

from gen_models.explore.work import KINDS, Desk, Stopped

LAYER = nn.Linear(2, 2)


def draw(desk, lane, passes, outcomes, kind="k"):
    try:
        with desk.work(lane, kind):
            for _ in range(passes):
                LAYER(torch.zeros(2))
                sleep(0.001)
        outcomes.append((lane, "done"))
    except Stopped:
        outcomes.append((lane, "stopped"))


def started(*words):
    thread = Thread(target=draw, args=words)
    thread.start()
    sleep(0.05)
    return thread


def test_the_second_of_a_kind_knows_how_far_it_is():
    desk, outcomes = Desk(), []
    assert desk.progress("a") == {"seconds": 0.0, "share": None}
    draw(desk, "a", 200, outcomes)
    thread = started(desk, "a", 200, outcomes)
    progress = desk.progress("a")
    assert 0 < progress["share"] < 1
    assert progress["seconds"] > 0
    thread.join()
    assert outcomes == [("a", "done")] * 2


@pytest.mark.parametrize("stop", [lambda desk: desk.stop("a"), lambda desk: desk.stop_all()])
def test_a_drawing_is_stopped(stop):
    desk, outcomes = Desk(), []
    thread = started(desk, "a", 10_000, outcomes)
    stop(desk)
    thread.join(5)
    assert outcomes == [("a", "stopped")]
    draw(desk, "a", 1, outcomes)
    assert outcomes[-1] == ("a", "done")


def test_a_newer_one_of_its_place_takes_its_place_and_others_wait():
    desk, outcomes = Desk(), []
    threads = [started(desk, "a", 10_000, outcomes), started(desk, "b", 1, outcomes), started(desk, "a", 2, outcomes)]
    for thread in threads:
        thread.join(5)
    assert outcomes[0] == ("a", "stopped")
    assert sorted(outcomes[1:]) == [("a", "done"), ("b", "done")]


def test_nothing_is_watched_afterwards():
    desk, outcomes = Desk(), []
    draw(desk, "a", 1, outcomes)
    desk.stop("a")
    LAYER(torch.zeros(2))  # would end, if it were still looked at


def test_a_training_in_another_thread_is_left_alone():
    desk = Desk()
    with desk.work("a", "k") as work:
        work.stopped = True
        other = Thread(target=lambda: LAYER(torch.zeros(2)))
        other.start()
        other.join()
        assert work.passes == 1  # its own beginning
        with pytest.raises(Stopped):
            LAYER(torch.zeros(2))


def test_what_is_known_of_kinds_is_bounded_and_the_oldest_goes():
    desk, outcomes = Desk(), []
    for number in range(KINDS + 10):
        draw(desk, "a", 1, outcomes, kind=f"kind {number}")
    assert len(desk._known) == KINDS
    assert "kind 0" not in desk._known
