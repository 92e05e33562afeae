"""What a run says while it trains: a bar on a terminal, lines elsewhere."""

import pytest

from gen_models.callbacks import progress_lines
from gen_models.callbacks.progress import RunProgress
from gen_models.callbacks.progress_lines import line


def test_where_there_is_no_terminal_lines_say_how_far_it_is(run_job, capsys):
    run_job("network=mlp", "turns=6", "callbacks.lines.seconds=1e-9")
    told = [text for text in capsys.readouterr().out.splitlines() if text.startswith("turn ")]
    assert [text.split(":")[0] for text in told] == ["turn 2 of 6 (33%)", "turn 4 of 6 (67%)", "turn 6 of 6 (100%)"]
    assert "critic " in told[0]
    assert "generator " in told[0]
    assert told[0].endswith(" left")


@pytest.mark.parametrize("seconds", [0, 1000])
def test_lines_are_few(run_job, capsys, seconds):
    run_job("network=mlp", "turns=6", f"callbacks.lines.seconds={seconds}")
    assert capsys.readouterr().out.count("images/s;") == bool(seconds)


def test_on_a_terminal_there_are_none(run_job, capsys, monkeypatch):
    monkeypatch.setattr(progress_lines, "drawable", lambda: True)
    run_job("network=mlp", "turns=4", "callbacks.lines.seconds=1e-9")
    assert "images/s;" not in capsys.readouterr().out


def test_a_line_is_short():
    values = {"objective/critic": 1.23456, "objective/generator": 0.8}
    assert line(1500, 3000, values, 742.3, 250.4) == (
        "turn 1,500 of 3,000 (50%): critic 1.235, generator 0.8; 742 images/s; 0:04:10 left"
    )


def test_the_bar_says_what_the_run_is_at_and_sums_terms(monkeypatch):
    class Model:
        objectives = frozenset({"vae/rate", "vae/distortion"})

    class Told:
        progress_bar_metrics = {"vae/rate": 2.0, "vae/distortion": 40.0, "images/s": 742.5, "v_num": 0}
        loggers = ()

    bar = RunProgress()
    for columns, seen in (("120", {"vae": "42", "images/s": "742"}), ("80", {"vae": "42"})):
        monkeypatch.setenv("COLUMNS", columns)
        assert bar.get_metrics(Told, Model) == seen
    with bar.doing("Measuring"):
        assert bar._get_train_description(0) == "Measuring"
    assert bar._get_train_description(0) == "Training"
