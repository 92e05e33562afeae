"""What reads the data of a run refuses others than those that it was trained on, also where their classes alone are."""

import shutil

import numpy as np
import pytest
from PIL import Image

import gen_models
from gen_models.cli import main
from gen_models.errors import UsageError
from gen_models.run.build import data_of_run
from gen_models.run.reading import read_config

COUNT = 24


@pytest.fixture
def faces(tmp_path):
    """Pictures with a table of attributes beside them."""
    root = tmp_path / "img_align_celeba"
    root.mkdir()
    for i in range(COUNT):
        Image.fromarray(np.full((218, 178, 3), 10 * i, np.uint8)).save(root / f"{i + 1:06}.jpg")
    return relabel(tmp_path, 0) and root


def relabel(folder, first):
    """Write the table, in which every other picture, from `first` on, has the attribute."""
    rows = [f"{i + 1:06}.jpg {1 if i % 2 == first else -1:2}  1" for i in range(COUNT)]
    return (folder / "list_attr_celeba.txt").write_text("\n".join([str(COUNT), "Smiling Male", *rows]))


@pytest.fixture
def run(run_job, faces):
    return run_job(
        *("model=cgan", "data=celeba", f"data.root={faces}", "data.size=8", "data.label=Smiling", "turns=1"),
        *("network=mlp", "data.batch_size=4"),
    )


def test_other_classes_of_the_same_pictures_are_refused(run, faces):
    assert data_of_run(read_config(run)).num_train
    relabel(faces.parent, 1)
    with pytest.raises(UsageError, match="or their classes, are others than those that this run was trained on"):
        data_of_run(read_config(run))
    with pytest.raises(UsageError, match="restore them"):
        gen_models.evaluate(run)


@pytest.mark.parametrize("command", ["evaluate", "real", "sanity --metrics data_space", "neighbours"])
def test_commands_that_read_data_refuse_them(run, faces, command, capsys, monkeypatch):
    relabel(faces.parent, 1)
    name, *options = command.split()
    monkeypatch.setattr("sys.argv", ["gen-models", name, str(run), *options])
    with pytest.raises(SystemExit):
        main()
    assert "or their classes, are others" in capsys.readouterr().err


def test_pictures_that_have_moved_are_the_same(run, faces, tmp_path):
    cfg = read_config(run)
    cfg.data.root = str(shutil.copytree(faces, tmp_path / "elsewhere" / faces.name))
    shutil.copy(faces.parent / "list_attr_celeba.txt", tmp_path / "elsewhere")
    assert data_of_run(cfg).num_train


def test_a_run_of_an_early_version_did_not_know_its_items(run, faces):
    relabel(faces.parent, 1)
    cfg = read_config(run)
    del cfg.spec["fingerprint"]
    assert data_of_run(cfg).num_train
