import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import perf_counter, process_time, sleep

import pytest
import torch

from benchmarks import gpu, search
from benchmarks.__main__ import without_fresh
from benchmarks.budget import Stopwatch, filled, length, seconds
from benchmarks.contests import CONTESTS
from benchmarks.page import PAGE, RECORD, page, processor
from benchmarks.rounds import ROOT, Absent, Side, race

RECORDED = json.loads(RECORD.read_text())
LOSS = 0.15 if RECORDED["processor"] == processor() else 0.3  # ratios differ between processors, but not by much
ATTEMPTS = 4  # what a busy machine takes of a ratio it seldom takes four times running; what a change takes, it does
MEDIANS = {(row["what"], row["against"]): row["median"] for row in RECORDED["rows"] if "median" in row}
GUARDED = [contest for contest in CONTESTS if contest.guarded and (contest.what, contest.against) in MEDIANS]

SPACES = ["lite0", "lite2", "data_space"]

STAND_IN = """#!/bin/sh
echo "$@" >> note
for word in "$@"; do
  case $word in
    benchmarks.budget) echo length=77 ;;
    benchmarks.search) echo model.optimizers.critic.lr=7 ;;
    run=*) run=${word#run=}; mkdir -p "$run/checkpoints" && touch "$run/finished.json" "$run/checkpoints/a.ckpt" ;;
  esac
done
"""


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


def test_a_length_is_told_by_trials_that_are_long_enough():
    """Of a training that takes 0.01 seconds for each of its units five minutes are 30,000."""
    tried = []

    def timed(options):
        tried.append(options)
        return 0.01 * int(options[0].removeprefix("images="))

    assert length(["images={1}", "model.growth.fade=[0,{2/17}]", "model=progan"], 5, timed) == 30_000
    assert tried[0] == ["images=16", "model.growth.fade=[0,1]", "model=progan"]
    assert 20 <= timed(tried[-1]) < 40  # seconds: no more than it takes
    assert len(tried) <= 4


def test_a_training_is_timed_without_its_start():
    began = perf_counter()
    taken = seconds(["model=gan", "network=mlp", "data=digits", "turns=2"])
    assert 0 < taken < perf_counter() - began


def test_the_clock_of_the_processor_stands_still_while_others_work():
    watch = Stopwatch(process_time)
    watch.on_train_start()
    sleep(0.2)
    watch.on_train_end()
    assert watch.seconds < 0.1


@pytest.fixture
def board(tmp_path):
    """Play a board with programs in place of this project's that only note what they are asked for."""
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (tmp_path / "benchmarks").mkdir()
    shutil.copy(ROOT / "benchmarks" / "board.sh", tmp_path / "benchmarks")
    for name in ("python", "gen-models"):
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)

    def played(**chosen):
        note = tmp_path / "note"
        note.write_text("")
        subprocess.run([tmp_path / "benchmarks" / "board.sh"], env={**os.environ, **chosen}, check=True)
        return [line.split() for line in note.read_text().splitlines()]

    return played


def test_families_of_a_board_have_the_same_minutes_and_seeds_the_same_length(board):
    done = board(BUDGET="7", SEEDS="1 2", ONLY="gan progan vqvae maskgit")
    probes = [line for line in done if line[:2] == ["-m", "benchmarks.budget"]]
    trained = [line for line in done if line[0] == "train.py"]
    assert [line[2] for line in probes] == ["7"] * 4
    assert [name for line in trained for name in line if name.startswith("run=")] == [
        f"run=runs/board/avatars-7/{name}-{seed}" for name in ("gan", "progan", "vqvae", "maskgit") for seed in (1, 2)
    ]
    assert all("length=77" in line for line in trained)
    assert not any("{" in word for line in trained for word in line)
    assert any("model.growth.fade={2/17}" in line for line in probes)
    assert "model.space=runs/board/avatars-7/vqvae-2" in trained[-1]
    assert done[-1][:3] == ["compare", "runs/board/avatars-7/gan-1", "runs/board/avatars-7/gan-2"]


def test_a_run_that_came_without_its_checkpoints_teaches_nobody(board, tmp_path):
    board(BUDGET="7", ONLY="edm")
    for checkpoint in tmp_path.glob("runs/board/avatars-7/edm-1/checkpoints/*"):
        checkpoint.unlink()
    taught = [line for line in board(BUDGET="7", ONLY="consistency") if line[0] == "train.py"]
    assert "model.teacher=null" in taught[0]


def test_a_board_goes_on_with_the_lengths_that_it_had(board):
    board(BUDGET="minutes", ONLY="gan")
    done = board(BUDGET="minutes", ONLY="gan vae", SEEDS="1 2")
    assert [line[-2] for line in done if "benchmarks.budget" in line] == ["loss=logistic"]
    trained = [line for line in done if line[0] == "train.py"]
    assert [word for line in trained for word in line if word.startswith("run=")] == [
        f"run=runs/board/avatars-minutes/{name}" for name in ("gan-2", "vae-1", "vae-2")
    ]
    judged = [line for line in done if line[0] == "evaluate"]
    assert [[b for a, b in pairwise(line) if a == "--metrics"] for line in judged] == [SPACES] * len(trained)


def test_a_run_is_judged_in_the_spaces_that_it_has_not_been_judged_in(board, tmp_path):
    board(BUDGET="minutes", ONLY="gan")
    tmp_path.joinpath("runs/board/avatars-minutes/gan-1/judged-lite2").unlink()
    again = board(BUDGET="minutes", ONLY="gan")[:-1]
    assert [line[:4] for line in again] == [["evaluate", "runs/board/avatars-minutes/gan-1", "--metrics", "lite2"]]


def test_a_board_takes_further_options_and_the_clock_of_the_processor(board):
    done = board(ONLY="gan", CLOCK="processor", OPTIONS="trainer.precision=bf16-mixed optimizer=adam")
    probe, trained = done[0], done[1]
    assert probe[1:4] == ["benchmarks.budget", "5", "--clock=processor"]
    assert trained[0] == "train.py"
    assert all(line[-2:] == ["trainer.precision=bf16-mixed", "optimizer=adam"] for line in (probe, trained))


def test_a_board_gives_all_seeds_the_rates_that_did_best(board):
    chosen = {"BUDGET": "7", "ONLY": "gan", "SEARCH": "0.5 1"}
    done = board(**chosen, SEEDS="1 2") + board(**chosen, SEEDS="3")
    asked = [line for line in done if line[:2] == ["-m", "benchmarks.search"]]
    assert [line[2:5] for line in asked] == [["runs/board/avatars-7/gan.search", "0.5,1", "--length=length=77"]]
    assert "metrics=none" not in asked[0]
    trained = [line for line in done if line[0] == "train.py"]
    assert [line[-1] for line in trained] == ["model.optimizers.critic.lr=7"] * 3


def test_rates_are_tried_for_a_fifth_of_a_training():
    assert search.shortened("turns=1000") == "turns=200"
    assert search.shortened("model.growth.fade=[0,31]") == "model.growth.fade=[0,6]"
    assert search.shortened("images=3") == "images=1"


def test_all_players_rates_are_multiplied_alike():
    assert search.multiplied(["model=wgan_gp", "data=digits"], 3) == [
        "model.optimizers.generator.lr=0.0003",
        "model.optimizers.critic.lr=0.0003",
    ]
    assert search.multiplied(["model=wgan_gp", "data=digits"], 1) == []


def searched(monkeypatch, capsys, figures):
    """What the search prints where trainings at rates of 1 and 10 times the configured ones come to these figures."""
    monkeypatch.setattr(search, "trained", lambda run, options: figures[run.name])
    told = ["search", "place", "1,10", "--length", "turns=10", "model=vae", "data=digits"]
    monkeypatch.setattr("sys.argv", told)
    search.main()
    return capsys.readouterr().out.split()


def test_a_search_gives_the_rates_of_the_least_kid(monkeypatch, capsys):
    assert searched(monkeypatch, capsys, {"1": 2.0, "10": 3.0}) == []
    assert searched(monkeypatch, capsys, {"1": 2.0, "10": 1.0}) == ["model.optimizers.vae.lr=0.01"]
    assert searched(monkeypatch, capsys, {"1": 2.0, "10": float("inf")}) == []  # it died
    with pytest.raises(SystemExit, match="no training of place has a figure"):
        searched(monkeypatch, capsys, {"1": float("inf"), "10": float("inf")})


@pytest.mark.slow
def test_a_trial_of_a_search_ends_with_a_figure_of_its_own_and_is_not_done_again(tmp_path, monkeypatch):
    options = ["model=vae", "network=mlp", "data=digits", "metrics.n=100", "turns=1", "logger=csv"]
    first = search.trained(tmp_path / "1", options)
    assert 0 < first < 100
    monkeypatch.setattr(search.subprocess, "run", None)
    assert search.trained(tmp_path / "1", options) == first


def test_a_board_refuses_a_budget_that_is_none(board):
    with pytest.raises(subprocess.CalledProcessError, match="status 2"):
        board(BUDGET="day")


@pytest.mark.slow
@pytest.mark.parametrize("data", ["avatars", "fashion_mnist"])
def test_every_training_of_a_board_composes(board, data):
    for line in board(DATA=data):
        if line[:2] == ["-m", "benchmarks.budget"]:
            assert search.multiplied([filled(word, 1000) for word in line[4:]], factor=3)


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
