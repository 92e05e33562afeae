"""What a run says of itself while it goes on."""

import errno
import io
import shlex
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from rich.console import Console

from gen_models.run import announce, command
from gen_models.run.announce import counted, measuring, saying_how_to_go_on
from gen_models.run.boundary import explained

TOLD = "measuring …\n"


def test_a_run_says_at_its_start_what_it_trains_where_and_on_what(run_job, capsys):
    run = run_job("network=mlp", "turns=1")
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("sngan on digits: 1,")
    assert " pictures 1 × 8 × 8 of 10 classes (validation 300, test 300), " in first
    assert first.endswith(f" parameters, cpu, 32-true → {run}")


def test_who_stops_the_last_measuring_is_told_how_to_go_on(tmp_path):
    said = []
    with pytest.raises(KeyboardInterrupt), saying_how_to_go_on(tmp_path / "run", said.append):
        raise KeyboardInterrupt
    assert said == [f"Stopped while measuring; all turns are saved. The same command with run={tmp_path}/run goes on."]


def test_a_job_of_a_sweep_goes_on_with_the_sweep(monkeypatch, tmp_path):
    monkeypatch.setattr(command, "sweeping", lambda: True)
    assert command.going_on(tmp_path) == "The same command goes on with the sweep."


@pytest.mark.parametrize(
    "place", ["/a/b=1,c=2", "/a/it's here", '/a/ü "x"', "/a-b/c.1", "/a(b)[c]{d}:e", "/tmp/données", "a~b", "/a\\", "2"]
)
def test_a_command_names_any_directory_as_hydra_reads_it(place):
    *_, word = shlex.split(command.typed(["a=1"], Path(place)))
    assert OverridesParser.create().parse_override(word).value() == place


def test_a_command_that_goes_on_does_not_begin_anew(monkeypatch):
    words = ["model=vae", "++resume=never", "run=a"]
    assert command.typed(words, Path("a")) == "gen-models train model=vae run=a"
    assert "resume=never" in command.typed(words, Path("a"), anew=True)
    monkeypatch.setattr(command, "HydraConfig", Told(words))
    assert command.going_on(Path("a")) == "Go on with: gen-models train model=vae run=a"
    assert "resume=never" in command.going_on(Path("a"), saved=False)
    assert "the same command without resume=never goes on" in explained(OSError(errno.ENOSPC, "full"))[0]
    assert "; the same command without resume=never goes on" in explained(MemoryError())[0]
    monkeypatch.setattr(command, "sweeping", lambda: True)
    assert command.going_on(Path("a")) == "The same command without resume=never goes on with the sweep."


class Told:
    """Hydra, of a process that was given these options."""

    def __init__(self, words):
        self.words = words

    def initialized(self):
        return True

    def get(self):
        return SimpleNamespace(overrides=SimpleNamespace(task=self.words))


@pytest.mark.parametrize(
    ("number", "text"), [(950, "950"), (12_345, "12.3 k"), (1_100_000, "1.1 M"), (2 * 10**9, "2 G")]
)
def test_a_number_has_few_digits(number, text):
    assert counted(number) == text


@pytest.mark.parametrize(
    ("terminal", "seconds", "text"), [(True, 0.2, "measuring …\n"), (True, 0, ""), (False, 0.2, "")]
)
def test_only_a_terminal_is_told_of_what_lasts(monkeypatch, terminal, seconds, text):
    monkeypatch.setattr(announce, "MOMENT", 0.05)
    screen = io.StringIO()
    with measuring(Console(file=screen, force_terminal=terminal)):
        time.sleep(seconds)
    assert screen.getvalue() == text
