"""Tar shards: any image at any time, whatever the order of files, their damage and the processes that read."""

import io
import logging
import pickle
import tarfile

import numpy as np
import pytest
import torch
from PIL import Image

from gen_models.core.stream import Chain, Turn
from gen_models.data.shards import Shards
from gen_models.errors import UsageError
from tests.helpers import assert_same, newest


def picture(shade, form="png"):
    Image.new("L", (9, 7), shade).save(file := io.BytesIO(), form)
    return file.getvalue()


def write(path, members):
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


@pytest.fixture
def make(tmp_path):
    for shard in range(3):
        members = {}
        for shade in range(shard * 40, shard * 40 + 40, 10):
            members[f"set/{shade:03}.json"] = b"{}"
            members[f"set/{shade:03}.png"] = picture(shade)
            members[f"set/{shade:03}.cls"] = str(shade // 40).encode()
        write(tmp_path / f"part-{shard:06}.tar", members)

    def make(**settings):
        given = {"root": str(tmp_path), "size": 4, "cache": str(tmp_path / "cache"), "test_fraction": 0.25}
        return Shards(**given | settings)

    return make


def shades(items):
    return items.gather(range(len(items)))[0][:, 0, 0, 0].tolist()


def test_images_are_found_with_their_classes_and_split(make):
    source = make(validation_fraction=0.25)
    assert source.spec.items() >= {"shape": [3, 4, 4], "num_classes": 3, "num_train": 6, "num_test": 3}.items()
    parts = source.train, source.validation, source.test
    assert sorted(shade for part in parts for shade in shades(part)) == list(range(0, 120, 10))
    for part in parts:
        x, y = part.gather(range(len(part)))
        assert torch.equal(x[:, 0, 0, 0] // 40, y)
        assert y.tolist() == part.classes.tolist()
        assert x.is_contiguous(memory_format=torch.channels_last)


def test_splits_are_taken_from_the_names_of_shards(make, tmp_path):
    (tmp_path / "part-000001.tar").rename(tmp_path / "test-000000.tar")
    source = make()
    assert sorted(shades(source.test)) == [40, 50, 60, 70]
    assert len(source.train) == 8
    assert make(test_fraction=0.5).unread == {"test_fraction": f"{tmp_path} has a test split of its own"}


def test_a_set_on_two_disks_is_that_on_one(make, tmp_path):
    whole = make()
    expected, name = shades(whole.train), whole.identity
    (tmp_path / "other").mkdir()
    (tmp_path / "part-000001.tar").rename(tmp_path / "other" / "part-000001.tar")
    several = make(root=[str(tmp_path), str(tmp_path / "other")])
    assert shades(several.train) == expected
    assert several.identity == name


def test_what_a_turn_shows_depends_neither_on_processes_nor_on_what_was_read(make, monkeypatch):
    monkeypatch.setattr("gen_models.data.shard_items.OPEN", 1)
    whole = Chain(make().train, 5)
    turns = [Turn(number, 4 * number, 4) for number in range(6)]
    expected = [whole[turn] for turn in turns]
    resumed = pickle.loads(pickle.dumps(Chain(make().train, 5)))
    assert torch.equal(resumed[turns[4]].x, expected[4].x)
    first, second = (Chain(make().train, 5, rank=rank, world=2)[turns[4]] for rank in (0, 1))
    assert torch.equal(torch.stack([first.x, second.x], 1).flatten(0, 1), expected[4].x)
    assert len(whole.items._files) == 1


def test_forked_workers_share_no_position_in_a_file(make):
    """A worker that moved it would let another read elsewhere: pictures would have each other's labels."""
    items = make().train
    items.gather(range(len(items)))
    assert {file.tell() for file in items._files.values()} == {0}


def test_an_unreadable_image_is_shown_as_the_next_and_told_of_once(make, tmp_path, caplog):
    write(tmp_path / "part-000003.tar", {"a.png": b"no image", "a.cls": b"3", "b.jpg": b"", "b.cls": b"3"})
    items = make(test_fraction=0).train
    with caplog.at_level(logging.WARNING):
        shown = shades(items)
        assert shades(items) == shown
    assert len(shown) == 14
    assert set(shown) == set(range(0, 120, 10))
    assert caplog.text.count("cannot be read") == 2
    for bad in [position for position, c in enumerate(items.classes) if c == 3]:
        assert items.gather([bad])[1].tolist() != [3]


def test_the_index_is_kept_until_a_shard_changes(make, tmp_path, monkeypatch):
    assert len(make().train) == 9
    with monkeypatch.context() as patch:
        patch.setattr("gen_models.data.shard_index._samples", None)
        assert len(make(size=8, seed=1).train) == 9
    write(tmp_path / "part-000003.tar", {"a.png": picture(9), "a.cls": b"0"})
    assert len(make(test_fraction=0).train) == 13


@pytest.mark.parametrize("damage", [lambda whole: b"", lambda whole: whole[:-9], lambda whole: b"\0" * len(whole)])
def test_a_torn_index_is_made_again(make, tmp_path, damage):
    assert len(make().train) == 9
    (path,) = (tmp_path / "cache").glob("*.npz")
    path.write_bytes(damage(whole := path.read_bytes()))
    assert len(make().train) == 9
    assert path.read_bytes() == whole


def test_what_cannot_serve_is_refused(make, tmp_path):
    with pytest.raises(UsageError, match=r"no \.tar files"):
        _ = make(root=str(tmp_path / "cache")).train
    write(tmp_path / "part-000003.tar", {"a.png": picture(9)})
    with pytest.raises(UsageError, match="1 of 13 images in the shards have no .cls"):
        _ = make().train
    (tmp_path / "part-000003.tar").write_bytes(b"x" * 2000)
    with pytest.raises(UsageError, match=r"part-000003.tar is no plain, whole \.tar"):
        _ = make().train


@pytest.mark.slow
def test_a_run_on_shards_ends_in_the_same_bits_when_it_is_continued(make, run_job, tmp_path):
    options = ["model=gan", "network=mlp", "data=shards", f"data.root={tmp_path}", "data.size=8", "data.workers=0"]
    options += ["data.batch_size=4", "callbacks.checkpoint.every=3"]
    whole = run_job(*options, "turns=5", run=tmp_path / "whole")
    run_job(*options, "turns=3", run=tmp_path / "parts")
    parts = run_job(*options, "turns=5", run=tmp_path / "parts")
    assert_same(newest(whole), newest(parts))


def test_a_split_is_a_word_of_a_shards_name(make, tmp_path):
    (tmp_path / "part-000000.tar").rename(tmp_path / "Set-train_000000.tar")
    (tmp_path / "part-000001.tar").rename(tmp_path / "set-valid_000000.tar")
    (tmp_path / "part-000002.tar").rename(tmp_path / "test.000000.tar")
    source = make()
    assert [sorted(shades(part)) for part in (source.train, source.validation, source.test)] == [
        [0, 10, 20, 30],
        [40, 50, 60, 70],
        [80, 90, 100, 110],
    ]
    (tmp_path / "test.000000.tar").rename(tmp_path / "train-and-test.tar")
    with pytest.raises(UsageError, match="says test and train: leave it one split's word"):
        _ = make().train


@pytest.mark.parametrize("cut", [lambda whole: 2 * 1536, lambda whole: 2 * 1536 + 300, lambda whole: whole - 1024])
def test_a_shard_that_lost_its_end_is_refused(make, tmp_path, cut):
    path = tmp_path / "part-000002.tar"
    write(path, {f"{shade}.{end}": b"1" * 600 for shade in range(4) for end in ("png", "cls")})
    whole = path.read_bytes()
    path.write_bytes(whole[: cut(len(whole.rstrip(b"\0")) // 512 * 512 + 512 + 1024)])
    with pytest.raises(UsageError, match=r"part-000002.tar is no plain, whole .tar"):
        _ = make().index


def test_a_shard_with_a_damaged_header_is_refused(make, tmp_path):
    path = tmp_path / "part-000002.tar"
    whole = bytearray(path.read_bytes())
    whole[3 * 1024 + 150] ^= 1
    path.write_bytes(whole)
    with pytest.raises(UsageError, match="what stands at byte 3,072 is no member of it"):
        _ = make().index


def test_images_and_classes_that_lie_apart_or_count_from_elsewhere_are_refused(make, tmp_path):
    path = tmp_path / "part-000002.tar"
    write(path, {"a.png": picture(1), "b.png": picture(2), "a.cls": b"0", "b.cls": b"1"})
    with pytest.raises(UsageError, match=r"a.cls has no image right beside it: make the shard with tar --sort=name"):
        _ = make().index
    write(path, {"a.png": picture(1), "a.cls": b"30000000"})
    with pytest.raises(UsageError, match="go up to 30,000,000: number them anew"):
        _ = make().index


def test_equal_images_are_told_without_decoding_any(make, tmp_path, monkeypatch):
    monkeypatch.setattr("gen_models.data.shard_items.pixels", None)
    members = {f"{i}.png": picture(shade) for i, shade in enumerate((0, 0, 90))}
    write(tmp_path / "part-000003.tar", members)
    for i in range(3):
        (tmp_path / f"part-{i:06}.tar").unlink()
    first, second, third = make(test_fraction=0).splits.train.marks()[make(test_fraction=0).splits.train.rows.argsort()]
    assert first == second != third


def test_a_white_that_no_image_reads_is_refused_where_it_is_typed(make, tmp_path):
    assert make().unread == make(white=255).unread == {}
    assert make(white=65535).unread == {"white": f"no image in {tmp_path} has more than 8 bits"}
    Image.fromarray(np.full((9, 7), 65535, np.uint16)).save(file := io.BytesIO(), "png")
    write(tmp_path / "part-9.tar", {"set/900.png": file.getvalue(), "set/900.cls": b"0"})
    assert make(white=65535).unread == {}
