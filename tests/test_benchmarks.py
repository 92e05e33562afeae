import json
from datetime import UTC, datetime, timedelta

import pytest
import torch

from benchmarks import gpu
from benchmarks.__main__ import without_fresh
from benchmarks.contests import CONTESTS
from benchmarks.page import PAGE, RECORD, page, processor
from benchmarks.rounds import Absent, Side, race

RECORDED = json.loads(RECORD.read_text())
LOSS = 0.15 if RECORDED["processor"] == processor() else 0.3  # ratios differ between processors, but not by much
ATTEMPTS = 4  # what a busy machine takes of a ratio it seldom takes four times running; what a change takes, it does
MEDIANS = {(row["what"], row["against"]): row["median"] for row in RECORDED["rows"] if "median" in row}
GUARDED = [contest for contest in CONTESTS if contest.guarded and (contest.what, contest.against) in MEDIANS]


def side(steps, worth=1):
    return Side("tests.paced", (str(steps), str(worth)))


def test_a_race_compares_the_processor_time_of_the_same_work():
    outcome = race(side(1), side(8), rounds=3, seconds=0.02)
    assert 3 < outcome.median < 20
    assert outcome.facts == {"side": "8"}
    low, high = outcome.spread
    assert low <= outcome.median <= high


def test_a_turn_may_be_worth_several_units():
    assert 0.3 < race(side(1), side(8, worth=8), rounds=3, seconds=0.02).median < 3


def test_a_side_that_fails_says_why():
    with pytest.raises(Absent, match="no steps to take"):
        race(side(1), side(0))
    with pytest.raises(Absent, match="make peers"):
        race(side(1), Side("tests.paced", environment="nobody"))


def test_the_page_is_the_record():
    assert PAGE.read_text() == page(RECORDED)
    rows = {(row["what"], row["against"]) for row in RECORDED["rows"]}
    assert rows <= {(contest.what, contest.against) for contest in CONTESTS}


def test_a_goal_that_is_missed_is_said_by_how_much():
    missed = {"what": CONTESTS[0].what, "against": CONTESTS[0].against, "goal": 2.0, "median": 1.5, "low": 1, "high": 2}
    absent = {"what": "x", "against": "some library", "goal": 1, "absent": "No matching distribution found."}
    text = page({"processor": "p", "rows": [missed | {"rounds": 7, "versions": {"torch": "2"}}, absent]})
    assert "| **1.5** | 1 to 2 | 2 | missed |" in text
    assert "25% short" in text
    assert "- some library: No matching distribution found." in text


@pytest.mark.slow
@pytest.mark.parametrize("contest", GUARDED, ids=lambda contest: contest.what)
def test_no_ratio_has_lost_much(contest):
    before = MEDIANS[contest.what, contest.against]
    least, reached = (1 - LOSS) * before, []
    while max(reached, default=0) < least and len(reached) < ATTEMPTS:
        reached.append(race(contest.first, contest.second, rounds=5, seconds=0.4).median)
    assert max(reached) >= least, f"{contest.what} was {before} times as fast as {contest.against}: {reached}"


@pytest.mark.slow
def test_turns_on_a_device_are_measured(monkeypatch):
    monkeypatch.setattr(gpu, "WARM_UP", 2)
    monkeypatch.setattr(gpu, "TURNS", 2)
    width = 8
    small = ("1,8,8", "model=gan", "network=mlp", f"network.generator.hidden=[{width}]", "data.batch_size=4")
    found = gpu.measure(*small, "network.discriminator.body.hidden=[8]", wait=lambda: None)
    assert found.images > 0
    assert found.operations > 2 * 4 * 64 * width  # at least the critic's first layer


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a device")
def test_without_a_device_one_sentence_says_so():
    with pytest.raises(SystemExit, match="torch finds none"):
        gpu.main()


def test_a_bench_that_was_interrupted_goes_on():
    first, second, third = CONTESTS[:3]
    now, before = (datetime.now(UTC) - timedelta(hours=hours) for hours in (0, 4))
    rows = [
        {"what": contest.what, "against": contest.against, "raced": time.isoformat(timespec="minutes")}
        for contest, time in ((first, now), (second, before))
    ]
    rows.append({"what": third.what, "against": third.against})
    assert without_fresh([first, second, third], rows, hours=3) == [second, third]
    assert without_fresh([first, second, third], rows, hours=0) == [first, second, third]
