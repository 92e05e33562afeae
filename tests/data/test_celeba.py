"""CelebA as it is shipped: a folder of images, and beside it tables of attributes and of splits."""

import numpy as np
import pytest
from PIL import Image

from gen_models.data.celeba import CelebA
from gen_models.data.interface import classes_of
from gen_models.errors import UsageError

COUNT = 12


@pytest.fixture
def make(tmp_path):
    root = tmp_path / "img_align_celeba"
    root.mkdir()
    smiling, male = np.arange(COUNT) % 2, np.arange(COUNT) // 2 % 2
    for i in range(COUNT):  # the shade says which image it is
        Image.new("RGB", (178, 218), (10 * i,) * 3).save(root / f"{i + 1:06}.jpg")
    rows = [f"{i + 1:06}.jpg {2 * smiling[i] - 1:2} {2 * male[i] - 1:2}" for i in range(COUNT)]
    (tmp_path / "Anno").mkdir()
    (tmp_path / "Anno" / "list_attr_celeba.txt").write_text("\n".join([str(COUNT), "Smiling Male", *rows]))
    parts = [f"{i + 1:06}.jpg {0 if i < 6 else 1 if i < 9 else 2}" for i in range(COUNT)]
    (tmp_path / "list_eval_partition.txt").write_text("\n".join(parts))
    return lambda **settings: CelebA(str(root), size=8, cache=str(tmp_path / "cache"), **settings)


def which(items):
    x, _ = items.gather(range(len(items)))
    return (x[:, 0, 4, 4].float() / 10).round().int()


def test_an_attribute_is_the_class(make):
    source = make(label="Smiling")
    assert source.class_names == ("no Smiling", "Smiling")
    for items in (source.train, source.test):
        assert (classes_of(items) == which(items) % 2).all()


def test_several_attributes_make_classes_together(make):
    source = make(label=["Male", "Smiling"])
    assert source.class_names[3] == "Male, Smiling"
    assert source.spec["num_classes"] == 4
    assert (classes_of(source.train) == 2 * (which(source.train) // 2 % 2) + which(source.train) % 2).all()


def test_the_official_partition_leaves_validation_images_out(make):
    source = make(partition=True)
    assert sorted(which(source.train).tolist()) == [*range(6)]
    assert sorted(which(source.test).tolist()) == [9, 10, 11]


def test_all_attributes_are_factors(make):
    source = make(limit=5)
    assert set(source.factors("test")) == {"Smiling", "Male"}
    codes, names = source.factors("train")["Smiling"]
    assert (codes == which(source.train).numpy() % 2).all()
    assert names == ("no", "yes")
    assert source.fingerprint == make(limit=5, label="Male").fingerprint


def test_an_edited_table_makes_other_classes_of_the_same_images(make, tmp_path):
    before, plain = make(label="Male"), make()
    assert before.former_identities == {plain.identity, *plain.former_identities}  # as of versions that did not look
    table = tmp_path / "Anno" / "list_attr_celeba.txt"
    text, row = table.read_text(), f"{COUNT:06}.jpg  1  1"
    assert row in text
    table.write_text(text.replace(row, row.replace(" 1  1", "-1  1")))  # of the other attribute
    assert make(label="Male").identity == before.identity != make(label="Smiling").identity
    table.write_text(text.replace(row, row[:-2] + "-1"))
    after = make(label="Male")
    assert (after.fingerprint, make().identity) == (before.fingerprint, plain.identity)
    assert after.identity != before.identity
    assert before.identity not in after.former_identities


def test_tables_that_are_not_there_are_asked_for_only_when_needed(make, tmp_path):
    (tmp_path / "Anno" / "list_attr_celeba.txt").unlink()
    assert make().factors("train") == {}
    assert make().spec["num_classes"] == 0
    with pytest.raises(UsageError, match=r"there is no list_attr_celeba.txt beside .* data.label=null"):
        _ = make(label="Smiling").train
    (tmp_path / "list_eval_partition.txt").unlink()
    with pytest.raises(UsageError, match="data.partition=false"):
        _ = make(partition=True).train


def test_wrong_attributes_and_tables_are_refused(make, tmp_path):
    with pytest.raises(UsageError, match="no attribute 'Smilling': did you mean Smiling"):
        _ = make(label="Smilling").train
    (tmp_path / "Anno" / "list_attr_celeba.txt").write_text("12\nSmiling Male\n000001.jpg 1 1\n000002.jpg 1\n")
    with pytest.raises(UsageError, match="is no table of attributes"):
        _ = make(label="Smiling").train


def test_the_table_may_be_kaggles(make, tmp_path):
    (tmp_path / "Anno" / "list_attr_celeba.txt").unlink()
    rows = [f"{i + 1:06}.jpg,{1 if i < 3 else -1}" for i in range(COUNT)]
    (tmp_path / "list_attr_celeba.csv").write_text("\n".join(["image_id,Young", *rows]))
    source = make(label="Young", test_fraction=0)
    assert (classes_of(source.train) == (which(source.train) < 3)).all()


def test_a_table_may_have_one_attribute(make, tmp_path):
    rows = [f"{i + 1:06}.jpg {1 if i < 3 else -1}" for i in range(COUNT)]
    (tmp_path / "Anno" / "list_attr_celeba.txt").write_text("\n".join([str(COUNT), "Young", *rows]))
    source = make(label="Young", test_fraction=0)
    assert (classes_of(source.train) == (which(source.train) < 3)).all()
