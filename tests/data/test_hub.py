import importlib
import sys
from types import SimpleNamespace

import pytest
from PIL import Image

from gen_models.data.hub import Hub
from gen_models.errors import UsageError


class Rows(list):
    """The part of `datasets.Dataset` that is used."""

    def __init__(self, rows, feature):
        super().__init__(rows)
        self.column_names, self.features = ["img", "kind"], {"kind": feature}

    def __getitem__(self, key):
        return [row[key] for row in self] if isinstance(key, str) else super().__getitem__(key)


class ClassLabel:
    names = ("cat", "dog")


@pytest.fixture
def make(tmp_path, monkeypatch):
    def make(labels=(1, 0, 1), feature=None, image="img", label="kind", **settings):
        def load_dataset(name, split):
            if split not in ("train", "test"):
                raise ValueError(f'Unknown split "{split}"')
            kinds = labels if split == "train" else labels[:1]
            rows = [{"img": Image.new("RGB", (8, 6), (40 * i, 0, 0)), "kind": kind} for i, kind in enumerate(kinds)]
            return Rows(rows, feature or ClassLabel())

        monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset, ClassLabel=ClassLabel))
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
