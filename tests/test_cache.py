"""What is kept on the disk: whole, made once, and made again where it is damaged."""

import os
import threading
from pathlib import Path

import pytest
import torch

from gen_models.cache import kept
from gen_models.files import write_folder, write_text
from gen_models.metrics.cache import cached


def read(path):
    text = path.read_text() if path.is_file() else ""
    return text if text.endswith(".") else None


@pytest.fixture
def flushed(monkeypatch):
    """Names of the files and folders that the disk was told of, in order."""
    names = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: names.append(Path(os.readlink(f"/proc/self/fd/{descriptor}"))))
    return names


def test_what_is_damaged_is_made_again_and_told_of(tmp_path, caplog):
    path = tmp_path / "new" / "f"
    assert kept(path, read, lambda place: write_text(place, "one.")) == "one."
    assert kept(path, read, None) == "one."
    assert not caplog.text
    path.write_text("on")
    assert kept(path, read, lambda place: write_text(place, "two.")) == "two."
    assert f"{path} is damaged; it is made again" in caplog.text
    assert path.read_text() == "two."


def test_what_can_not_be_read_after_it_was_written_is_no_endless_story(tmp_path):
    with pytest.raises(OSError, match="can't be read again"):
        kept(tmp_path / "f", read, lambda place: write_text(place, "half"))


def test_one_makes_and_the_others_wait(tmp_path):
    made, found = [], []

    def write(place):
        made.append(place)
        write_text(place, "one.")

    asking = [threading.Thread(target=lambda: found.append(kept(tmp_path / "f", read, write))) for _ in range(5)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(30)
    assert found == ["one."] * 5
    assert len(made) == 1


def test_what_killed_writers_left_goes(tmp_path):
    (tmp_path / ".f[1].77.tmp").write_text("half")
    (tmp_path / ".f[1].78.tmp").mkdir()
    (tmp_path / ".f1.77.tmp").write_text("of another")
    kept(tmp_path / "f[1]", read, lambda place: write_text(place, "one."))
    assert sorted(path.name for path in tmp_path.glob(".*.tmp")) == [".f1.77.tmp"]


def test_a_folder_has_its_name_after_the_disk_has_its_files(tmp_path, flushed):
    def fill(folder):
        (folder / "a").write_text("a")
        (folder / "b").write_text("b")

    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "damaged").write_text("")
    write_folder(tmp_path / "f", fill)
    *inside, folder, parent = flushed
    assert {path.name for path in inside} == {"a", "b"}
    assert folder.name.endswith(".tmp")
    assert parent == tmp_path
    assert {path.name for path in (tmp_path / "f").iterdir()} == {"a", "b"}


@pytest.mark.parametrize("damage", [lambda whole: b"", lambda whole: whole[:-1], lambda whole: b"\0" * len(whole)])
def test_torn_tensors_are_made_again(tmp_path, flushed, damage):
    def make(value):
        return lambda: {"x": torch.full((3,), value)}

    cached(str(tmp_path), "k", make(1.0))
    assert len(flushed) == 2
    path = tmp_path / "k.safetensors"
    path.write_bytes(damage(path.read_bytes()))
    assert cached(str(tmp_path), "k", make(2.0))["x"].tolist() == [2, 2, 2]
    assert cached(str(tmp_path), "k", make(3.0))["x"].tolist() == [2, 2, 2]


def test_figures_do_without_a_cache_that_can_not_be_written(tmp_path, caplog):
    (tmp_path / "file").touch()
    made = []

    def make():
        made.append(1)
        return {"x": torch.ones(2)}

    assert torch.equal(cached(f"{tmp_path}/file/metrics", "key", make)["x"], torch.ones(2))
    assert len(made) == 1
    assert "is not kept for other runs" in caplog.text
