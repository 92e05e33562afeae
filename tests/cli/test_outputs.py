"""What commands write: pictures, folders and arrays of samples, in the run's folder, over nothing that is there."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import gen_models.cli
from gen_models import load
from gen_models.analysis.sampling import blocks
from gen_models.media.pixels import as_array
from tests.cli.test_cli import pixels, typed  # noqa: F401 (a fixture)


@pytest.fixture
def run(copy_job):
    return copy_job("model=cgan", "network=mlp", "turns=1")


def test_every_form_holds_the_same_samples(run, typed, tmp_path):  # noqa: F811
    folder, array, sheet = tmp_path / "many", tmp_path / "many.npz", tmp_path / "many.png"
    for out, n in ((folder, 70), (array, 70), (sheet, 5)):  # of more than one block
        assert typed("sample", run, "--n", n, "--seed", 3, "--out", out) == (0, f"{out}\n")
    expected = as_array(torch.cat(list(blocks(load(run), 70, 3))))
    held = np.load(array)
    assert (held["arr_0"].shape, held["arr_0"].dtype) == ((70, 8, 8, 3), np.uint8)  # three channels, also of grey
    assert (held["arr_0"] == expected).all()
    assert held["arr_1"].tolist() == [i % 10 for i in range(70)]
    assert sorted(path.name for path in folder.iterdir()) == [f"{i:06d}.png" for i in range(70)]
    drawn = np.stack([pixels(path) for path in sorted(folder.iterdir())])
    assert (drawn[..., None] == expected).all()
    times = Image.open(sheet).width // 52  # five of 8 pixels, with gaps of 2
    assert (pixels(sheet)[2 * times : 10 * times : times, 2 * times : 10 * times : times] == held["arr_0"][0]).all()


def test_pixels_are_enlarged(run, typed, tmp_path):  # noqa: F811
    assert typed("sample", run, "--n", 2, "--scale", 4, "--out", tmp_path / "large")[0] == 0
    assert typed("sample", run, "--n", 2, "--out", tmp_path / "own")[0] == 0
    large, own = (pixels(tmp_path / name / "000001.png") for name in ("large", "own"))
    assert (large == own.repeat(4, 0).repeat(4, 1)).all()


def test_pictures_go_into_the_run_and_are_numbered(run, typed):  # noqa: F811
    for name in ("samples", "samples-2", "samples-3"):
        assert typed("sample", run, "--n", 2)[1] == f"{run}/pictures/{name}.png\n"
    assert typed("sample", run, "--n", 2, "--overwrite")[1] == f"{run}/pictures/samples.png\n"
    assert typed("truncation", run, "--columns", 1)[1] == f"{run}/pictures/truncation.png\n"


def test_the_name_of_a_folder_commands_no_terminal(run, typed, tmp_path, monkeypatch):  # noqa: F811
    """Sequences that a terminal obeys: here of a stranger's folder, in which the run is found."""
    monkeypatch.chdir(tmp_path)
    Path("of").mkdir()
    run.rename(Path("of", "a\x1b[31m\nb"))
    shown = r"of/a\x1b[31m\nb"
    for words in (["sample", "of", "--n", 2], ["evaluate", "of"], ["export", "of"]):
        code, text = typed(*words)
        assert (code, "\x1b" in text, shown in text) == (0, False, True), text
    code, text = typed("average", "of", "--std", 0.1)
    assert (code, "\x1b" in text, shown in text) == (2, False, True), text
    code, text = typed("compare", "of", "--out", "board.html")
    assert code == 0
    page = Path("board.html").read_text()
    assert ("\x1b" in text + page, shown in page) == (False, True)


def test_every_command_prints_by_the_same_function():
    for module in Path(gen_models.cli.__file__).parent.glob("*.py"):
        own = module.stem in ("outputs", "shells", "__init__")  # which print what is no stranger's
        assert own or "typer.echo" not in module.read_text(), module


def test_styles_are_truncated_by_no_more_than_their_whole_way(run_job, typed, tmp_path):  # noqa: F811
    styled = run_job("model=stylegan2", "network.generator.base=64", "network.generator.limit=8", "turns=1")
    assert typed("truncation", styled, "--columns", 1, "--out", tmp_path / "rows.png")[0] == 0
    height, width = pixels(tmp_path / "rows.png").shape[:2]
    assert height * (8 + 4) == width * (3 * (8 + 2) + 2)  # three rows: 1, 0.5 and 0.04
    code, text = typed("truncation", styled, "--limit", 2, "--out", tmp_path / "refused.png")
    assert (code, "a share in [0, 1], not by 2.0" in text) == (2, True)


@pytest.mark.slow
def test_what_is_there_is_replaced_only_if_that_is_said(run, typed, tmp_path):  # noqa: F811
    folder = tmp_path / "many"
    for out in (folder, tmp_path / "a.npz", tmp_path / "a.png"):
        assert typed("sample", run, "--n", 3, "--out", out)[0] == 0
        code, text = typed("sample", run, "--n", 2, "--out", out)
        assert (code, text) == (2, f"{out} is there already: choose another --out, or say --overwrite.\n")
        assert typed("sample", run, "--n", 2, "--overwrite", "--out", out)[0] == 0
    assert len(list(folder.iterdir())) == 2  # none of three is left


@pytest.mark.slow
def test_a_film_is_not_written_over_the_sheet_of_another(run_job, typed, tmp_path):  # noqa: F811
    draw = run_job("model=draw", "turns=1")
    (tmp_path / "a-sheet.png").write_text("mine")
    assert f"{tmp_path}/a-sheet.png is there already" in typed("film", draw, "--out", tmp_path / "a.gif")[1]
    for number in ("", "-2"):
        names = [f"{draw}/pictures/film{number}.gif", f"{draw}/pictures/film{number}-sheet.png"]
        assert typed("film", draw, "--n", 2)[1].split() == names


def test_samples_that_are_no_pictures_go_into_arrays(run_job, typed, tmp_path):  # noqa: F811
    points = run_job("data=toy2d", "network=mlp", "model=gan", "turns=1")
    assert "takes a file that ends in .npz" in typed("sample", points, "--out", tmp_path / "folder")[1]
    assert "--scale is for pictures" in typed("sample", points, "--scale", 2, "--out", tmp_path / "a.npz")[1]
    assert typed("sample", points, "--n", 5, "--out", tmp_path / "a.npz")[0] == 0
    held = np.load(tmp_path / "a.npz")
    assert (held["arr_0"].shape, held["arr_0"].dtype, "arr_1" in held) == ((5, 2), np.float32, False)


def test_a_refused_drawing_leaves_nothing(run, typed, tmp_path):  # noqa: F811
    for out in (tmp_path / "new" / "folder", tmp_path / "new" / "a.npz", tmp_path / "new" / "a.png"):
        assert typed("sample", run, "--class", 10, "--out", out)[0] == 2
    assert not (tmp_path / "new").exists()
    assert typed("sample", run, "--class", 10)[0] == 2
    assert not (run / "pictures").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_run_that_can_not_be_written_asks_for_a_place(run, typed):  # noqa: F811
    run.chmod(0o500)
    assert typed("sample", run)[1].endswith("can't be written (Permission denied): choose a place for it by --out.\n")
