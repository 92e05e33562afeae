import importlib
import json
import shutil
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from gen_models.data.hub import Hub
from gen_models.errors import UsageError
from tests.data.fake_hub import Picture, Rows, file


class ClassLabel:
    names = ("cat", "dog")


@pytest.fixture
def asked():
    return []


@pytest.fixture
def make(tmp_path, monkeypatch, asked):
    def make(labels=(1, 0, 1), feature=None, image="img", label="kind", images=None, **settings):
        def load_dataset(name, config, split, revision):
            asked.append((name, config, revision))
            if split not in ("train", "test"):
                raise ValueError(f'Unknown split "{split}"')
            kinds = labels if split == "train" else labels[:1]
            found = images or [
                file(Image.new("RGB", (8, 6), (40 * i if len(labels) < 6 else i, 0, 0))) for i in range(len(labels))
            ]
            found = found if split == "train" else found[-1:]
            rows = [{"img": found[i], "kind": kind} for i, kind in enumerate(kinds)]
            return Rows(rows, {"img": Picture(), "kind": feature or ClassLabel()})

        package = SimpleNamespace(load_dataset=load_dataset, ClassLabel=ClassLabel, Image=Picture)
        monkeypatch.setitem(sys.modules, "datasets", package)
        return Hub("someone/set", image=image, label=label, size=4, cache=str(tmp_path), **settings)

    return make


def test_splits_labels_and_names_come_from_the_set(make):
    source = make()
    assert source.spec.items() >= {"shape": [3, 4, 4], "levels": 256, "num_classes": 2, "num_train": 3}.items()
    assert source.class_names == ("cat", "dog")
    x, y = source.train.gather([0, 1, 2])
    assert x[:, 0, 0, 0].tolist() == [0, 40, 80]
    assert y.tolist() == [1, 0, 1]
    assert len(source.test) == 1


def test_plain_values_become_sorted_classes_and_none_are_needed(make):
    source = make(labels=("wolf", "ape", "wolf"), feature=object())
    assert source.class_names == ("ape", "wolf")
    assert source.train.gather([0, 1])[1].tolist() == [1, 0]
    assert make(label=None).class_names == ()


def test_a_second_run_needs_no_package(make, monkeypatch):
    first = make().splits
    monkeypatch.setitem(sys.modules, "datasets", None)
    again = Hub("someone/set", image="img", label="kind", size=4, cache=str(first.train.x.filename.parents[1]))
    assert len(again.train) == 3
    with pytest.raises(UsageError, match="pip install datasets"):
        _ = Hub("another/set", cache=str(again.cache)).train


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"split": "nope"}, "Unknown split"),
        ({"image": "picture"}, "it has img, kind"),
        ({"image": "kind"}, "holds no images"),
        ({"labels": (0, -1, 1)}, "rows of no class"),
    ],
)
def test_what_the_set_lacks_is_named(make, settings, message):
    with pytest.raises(UsageError, match=message):
        _ = make(**settings).train


def test_the_package_is_not_imported_before_it_is_needed():
    before = set(sys.modules)
    importlib.import_module("gen_models.data.hub")
    Hub("someone/set")
    assert "datasets" not in set(sys.modules) - before


def test_a_limit_is_taken_of_all_classes(make):
    labels = [0] * 30 + [1] * 30
    source = make(labels=labels, limit=20)
    assert 4 < source.train.gather(range(20))[1].sum() < 16
    assert make(labels=labels).train.gather(range(60))[1].tolist() == labels
    assert not source.former_identities  # what an earlier version took was the head


def test_a_set_of_one_split_is_reported_on_a_share_of_it(make):
    source = make(labels=[0, 1] * 20, test_split=None, test_fraction=0.25, validation_fraction=0.2)
    assert (source.num_test, source.num_validation, source.num_train) == (10, 6, 24)
    assert make(labels=[0, 1] * 20, test_split=None).identity != source.identity
    parts = [part.gather(range(len(part)))[0][:, 0, 0, 0] for part in (source.train, source.validation, source.test)]
    assert len(torch.cat(parts).unique()) == 40
    with pytest.raises(UsageError, match=r'Unknown split "evaluation": data.test_split=null, where it has none'):
        _ = make(test_split="evaluation").train


def test_the_configuration_and_the_revision_are_asked_for_and_kept_apart(make, asked):
    plain, chosen = make(), make(config="small", revision="v1")
    assert plain.identity != chosen.identity
    assert asked == [("someone/set", None, None)] * 2 + [("someone/set", "small", "v1")] * 2


def test_a_set_that_changed_is_another_one(make, tmp_path):
    first, (former,) = make().identity, make().former_identities
    (notes,) = tmp_path.glob("hub-*/meta.json")
    told = notes.read_text()
    notes.write_text(json.dumps({**json.loads(told), "content": None}))  # as of an earlier version
    assert make().identity == former
    shutil.rmtree(notes.parent)
    assert make().identity == first
    shutil.rmtree(notes.parent)
    assert make(labels=(0, 0, 1)).identity != first


def test_all_splits_have_one_white(make):
    deep = [file(Image.fromarray(np.full((4, 4), value, np.uint16))) for value in (4095, 2048, 200)]
    source = make(images=deep, labels=(0, 1, 1), grey=True)
    assert source.test.gather([0])[0].unique().item() == 12  # 200 of 4,095, though it could be one of 255


def test_a_picture_is_refused_by_its_header(make, monkeypatch):
    monkeypatch.setattr("gen_models.data.images.MAX_PIXELS", 100)
    images = [file(Image.new("RGB", (4, 4)))] * 2 + [file(Image.new("RGB", (40, 40)))]
    with pytest.raises(UsageError, match="Image 2 of someone/set cannot be read: 40x40 are more than"):
        _ = make(images=images).train
    with pytest.raises(UsageError, match="Image 0 of someone/set cannot be read: not an image"):
        _ = make(images=[None] * 3).train


def test_files_of_a_real_set_are_read_by_the_package(tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "downloads")
    picture = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])})
    for split, count in (("train", 12), ("test", 3)):
        rows = {
            "image": [file(Image.new("L", (5, 5), i)) for i in range(count)],
            "label": [i % 2 for i in range(count)],
        }
        folder = tmp_path / "set" / "data"
        folder.mkdir(parents=True, exist_ok=True)
        datasets.Dataset.from_dict(rows, features=picture).to_parquet(str(folder / f"{split}-00000-of-00001.parquet"))
    source = Hub(str(tmp_path / "set"), size=4, grey=True, cache=str(tmp_path / "cache"))
    x, y = source.train.gather(range(12))
    assert x[:, 0, 0, 0].tolist() == list(range(12))
    assert y.tolist() == [0, 1] * 6
    assert (source.class_names, source.num_test) == (("cat", "dog"), 3)
