import numpy as np
import pytest

from gen_models.data.avatars import Avatars, encode
from gen_models.data.drawing import draw, licence, styles
from gen_models.errors import UsageError


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    cache = tmp_path_factory.mktemp("avatars")

    def make(count=40, **settings):
        return Avatars(size=16, count=count, test_count=8, cache=str(cache), **settings)

    return make


def test_heads_are_drawn_on_white_and_centred():
    image, attributes = draw("toon-head", 32, "0-0")
    assert image.shape == (32, 32, 3)
    assert (image[0, [0, -1]] == 255).all()
    columns = np.flatnonzero((image < 250).any((0, 2)))
    assert abs((columns.min() + columns.max()) / 2 - 15.5) < 2
    assert {"hairColor", "skinColor", "eyesVariant"} <= attributes.keys()


def test_without_a_label_there_are_no_classes(make):
    source = make()
    assert source.spec == {
        "shape": [3, 16, 16],
        "levels": 256,
        "num_classes": 0,
        "class_names": [],
        "num_train": 40,
        "num_validation": 0,
        "num_test": 8,
    }
    assert len(source.test) == 8
    assert not source.train.gather([0, 1])[1].any()
    assert "Johan Melin, CC BY 4.0" in source.licence


def test_an_attribute_is_the_class_and_all_are_factors(make):
    source = make(label="hairColor", limit=30)
    codes, names = source.factors("train")["hairColor"]
    assert source.class_names == tuple(names)
    assert codes.shape == (30,)
    np.testing.assert_array_equal(source.train.gather(range(30))[1], codes)
    drawn = [draw("toon-head", 16, f"0-{i}")[1] for i in range(30)]
    assert [names[code] for code in codes] == [row["hairColor"] for row in drawn]
    beards, kinds = source.factors("train")["beardVariant"]
    assert [kinds[code] for code in beards] == [row.get("beardVariant", "none") for row in drawn]
    assert "strokeColor" not in source.factors("train")  # it never varies


def test_images_depend_on_seed_and_place_alone(make):
    first = make().train.gather([3])[0]
    assert np.array_equal(make(count=20).train.gather([3])[0], first)
    assert not np.array_equal(make(seed=1).train.gather([3])[0], first)
    assert make().fingerprint != make(seed=1).fingerprint
    assert make().fingerprint == make(label="hairColor").fingerprint  # the images are the same


def test_the_label_does_not_draw_again(make, monkeypatch):
    _ = make().train
    monkeypatch.setattr("gen_models.data.avatars.draw", None)
    assert len(make(label="skinColor").class_names) == 5


def test_unknown_names_are_refused_with_those_that_exist(make):
    with pytest.raises(UsageError, match=r"Did you mean toon-head\?.*adventurer"):
        make(style="toonhead")
    with pytest.raises(UsageError, match="it draws .*hairColor"):
        _ = make(label="hair").train


def test_encoding_numbers_the_sorted_values():
    names, table = encode([{"a": "x", "b": "q"}, {"a": "w", "b": "q"}, {"b": "q"}])
    assert names == {"a": ["none", "w", "x"]}
    assert table.tolist() == [[2, 1, 0]]


def test_every_style_names_its_author_and_licence():
    assert all(" by " in licence(style) for style in styles())
    assert "initials" not in styles()


def test_what_models_are_built_for_is_known_before_anything_is_drawn(make, tmp_path, monkeypatch):
    monkeypatch.setattr("gen_models.data.avatars.draw", None)
    source = Avatars(size=16, count=40, test_count=8, label="hairColor", limit=30, cache=str(tmp_path))
    spec = source.spec
    monkeypatch.undo()
    assert spec == make(label="hairColor", limit=30).spec
    assert spec["num_train"] == 30
    x, y = source.train.gather(range(30))
    assert x.shape[1:] == tuple(spec["shape"])
    assert y.max() < spec["num_classes"]


def test_factors_of_both_splits_follow_their_items(make):
    source = make(label="skinColor", labelled=20)
    names = source.class_names
    for split, items in (("train", source.reference), ("test", source.test)):
        codes, known = source.factors(split)["skinColor"]
        assert tuple(known) == names
        np.testing.assert_array_equal(items.gather(range(len(items)))[1], codes)


def test_attributes_that_are_damaged_are_chosen_again(tmp_path):
    def factors():
        source = Avatars(size=16, count=6, test_count=2, cache=str(tmp_path))
        assert source.store
        return source, {name: codes.tolist() for name, (codes, _) in source.factors("train").items()}

    source, whole = factors()
    (source.path / "factors.npy").write_bytes(b"")
    assert factors()[1] == whole
