"""Validation items: apart from the others in every data set, and absent where nothing asks for them, as before."""

import gzip
import struct
import sys
import wave
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from gen_models.data.array import Array
from gen_models.data.arrays import Arrays
from gen_models.data.avatars import Avatars
from gen_models.data.digits import Digits
from gen_models.data.folder import Folder
from gen_models.data.hub import Hub
from gen_models.data.idx import Idx
from gen_models.data.idx_sets import FILES
from gen_models.data.image import Image as Single
from gen_models.data.speech import Speech
from gen_models.data.toys import Toy1D, Toy2D
from gen_models.errors import UsageError
from tests.data import fake_hub

COUNTS = {"Array": (14, 3, 3), "Avatars": (20, 6, 4), "Digits": (1197, 300, 300), "Folder": (14, 3, 3)}
COUNTS |= {"Hub": (16, 4, 5), "Idx": (15, 5, 6), "Speech": (14, 3, 3), "Toy1D": (20, 6, 4), "Toy2D": (20, 6, 4)}
SHARES = {"test_fraction": 0.15, "validation_fraction": 0.15}


def idx(array):
    return gzip.compress(struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes())


def put(root, count=20):
    """Pictures, waves and idx files, each item of another shade."""
    for shade in range(count):
        Image.new("L", (8, 8), 10 * shade).save(root / f"{shade}.png")
        with wave.open(str(root / f"{shade}.wav"), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(np.full(16, 1000 * (shade + 1), "<i2").tobytes())
    (root / "mnist").mkdir()
    pictures = np.random.default_rng(0).integers(0, 256, (26, 28, 28), dtype=np.uint8)
    parts = pictures[:20], np.arange(20, dtype=np.uint8) % 10, pictures[20:], np.zeros(6, np.uint8)
    for name, content in zip(FILES, parts, strict=True):
        (root / "mnist" / f"{name}.gz").write_bytes(idx(content))


def load_dataset(name, config, split, revision):
    count, first = {"train": (20, 0), "test": (5, 100), "valid": (3, 200)}[split]
    rows = [{"img": fake_hub.file(Image.new("L", (4, 4), first + shade))} for shade in range(count)]
    return fake_hub.Rows(rows, {"img": fake_hub.Picture()})


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Where avatars stay once they are drawn."""
    return str(tmp_path_factory.mktemp("drawn"))


@pytest.fixture
def sources(tmp_path, monkeypatch, drawn):
    """Make the set of a name, with validation items or without."""
    put(tmp_path)
    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset, Image=fake_hub.Picture))
    shades = np.arange(20, dtype=np.uint8)[:, None, None, None].repeat(4, 1).repeat(4, 2)
    cache, counts = {"cache": str(tmp_path / "cache")}, {"count": 20, "test_count": 4, "validation_count": 6}
    hub = {"image": "img", "label": None, "size": 4, "validation_fraction": 0.2}
    makers = {
        "Array": lambda **held: Array(arrays=Arrays(shades), **SHARES | held),
        "Avatars": lambda **held: Avatars(size=8, cache=drawn, **counts | held),
        "Digits": lambda **held: Digits(**{"validation_count": 300} | held),
        "Folder": lambda **held: Folder(str(tmp_path), size=4, **cache, **SHARES | held),
        "Hub": lambda **held: Hub("a/set", **cache, **hub | held),
        "Idx": lambda **held: Idx("mnist", str(tmp_path), **{"validation_count": 5} | held),
        "Speech": lambda **held: Speech(str(tmp_path), length=16, **SHARES | held),
        "Toy1D": lambda **held: Toy1D("mixture", **counts | held),
        "Toy2D": lambda **held: Toy2D("ring", **counts | held),
    }
    return lambda name, **held: makers[name](**held)


def rows(items):
    return [tuple(row) for row in items.gather(range(len(items)))[0].flatten(1).tolist()]


def without(name):
    return {"validation_fraction" if name in ("Array", "Folder", "Hub", "Speech") else "validation_count": 0}


@pytest.mark.parametrize("name", COUNTS)
def test_splits_have_nothing_in_common_and_the_test_items_stay(sources, name):
    source, before = sources(name), sources(name, **without(name))
    parts = [rows(items) for items in (source.train, source.validation, source.test)]
    assert tuple(map(len, parts)) == COUNTS[name]
    assert tuple(source.spec[f"num_{split}"] for split in ("train", "validation", "test")) == COUNTS[name]
    assert len(set().union(*parts)) == sum(COUNTS[name]), "no item is in two of them"
    assert sorted(rows(before.test)) == sorted(parts[2])
    assert before.num_validation == len(before.validation) == 0
    assert source.fingerprint != before.fingerprint
    assert set(parts[0]) <= set(rows(before.train))


@pytest.mark.parametrize("name", ["Avatars", "Toy1D", "Toy2D"])
def test_what_is_made_on_the_spot_is_made_besides(sources, name):
    assert rows(sources(name).train) == rows(sources(name, validation_count=0).train)


def test_the_first_digits_are_those_of_a_limit(sources):
    limited = sources("Idx", validation_count=0)
    assert rows(sources("Idx").train) == rows(limited.train)[:15]
    assert rows(sources("Idx").validation) == rows(limited.train)[15:]


def test_a_split_of_the_hub_comes_before_a_share(sources):
    source = sources("Hub", validation_split="valid")
    assert (len(source.train), len(source.validation), len(source.test)) == (20, 3, 5)
    assert rows(source.validation)[0][0] == 200


def test_folders_of_splits_are_the_splits_and_their_subfolders_the_classes(tmp_path):
    for place, count in {"train/cat": 6, "train/dog": 4, "val/cat": 2, "test/dog": 1}.items():
        (tmp_path / "set" / place).mkdir(parents=True)
        for shade in range(count):
            name = tmp_path / "set" / place / f"{shade}.png"
            Image.new("L", (4, 4), 10 * shade + 80 * place.startswith("val")).save(name)
    source = Folder(str(tmp_path / "set"), size=4, cache=str(tmp_path / "cache"), **SHARES)
    assert source.class_names == ("cat", "dog")
    assert (len(source.train), len(source.validation), len(source.test)) == (10, 2, 1)
    assert sorted(row[0] for row in rows(source.validation)) == [80, 90]
    assert source.test.gather([0])[1].tolist() == [1]
    for path in (tmp_path / "set" / "test" / "dog").iterdir():
        path.unlink()
    source = Folder(str(tmp_path / "set"), size=4, cache=str(tmp_path / "cache"), **SHARES)
    assert (len(source.train), len(source.validation), len(source.test)) == (8, 2, 2), "a share of what there is"


def test_factors_are_those_of_the_split(sources):
    source = sources("Avatars", label="hairColor")
    codes, names = source.factors("validation")["hairColor"]
    assert torch.equal(torch.from_numpy(codes), source.validation.gather(range(6))[1])
    assert tuple(names) == source.class_names


def test_one_image_is_its_own_validation():
    assert len(Single(size=8).validation) == 1


def test_where_one_held_out_split_is_empty_the_other_is_looked_at(sources):
    whole, untested = sources("Array"), sources("Array", test_fraction=0)
    assert [whole.held_out(split) for split in ("validation", "test")] == ["validation", "test"]
    assert [untested.held_out(split) for split in ("validation", "test")] == ["validation", "validation"]
    unchosen = sources("Array", validation_fraction=0)
    assert unchosen.held_out("validation") == "test"
    assert rows(unchosen.watched) == rows(unchosen.test)


@pytest.mark.parametrize(
    ("name", "held", "sentence"),
    [
        ("Array", {"validation_fraction": 0.5, "test_fraction": 0.5}, "leave nothing to train on"),
        ("Idx", {"validation_count": 20}, "leaves none of 20 items"),
    ],
)
def test_what_leaves_nothing_to_train_on_is_refused(sources, name, held, sentence):
    with pytest.raises(UsageError, match=sentence):
        _ = sources(name, **held).train
