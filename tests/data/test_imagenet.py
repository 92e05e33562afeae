"""ImageNet as it is shipped, on a handful of made-up files."""

import pytest
from PIL import Image

from gen_models.data.imagenet import ImageNet
from gen_models.data.interface import classes_of
from gen_models.errors import UsageError

SYNSETS = ("n01440764", "n01443537")


def draw(path, shade):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (30, 20), (shade,) * 3).save(path)


@pytest.fixture
def make(tmp_path):
    base = tmp_path / "ILSVRC" / "Data" / "CLS-LOC"
    for position, synset in enumerate(SYNSETS):
        for i in range(3):
            draw(base / "train" / synset / f"{synset}_{i}.JPEG", 100 * position)
            draw(base / "val" / f"ILSVRC2012_val_0000{position}{i}.JPEG", 100 * position)
    rows = [f"ILSVRC2012_val_0000{p}{i},{s} 85 1 499 272" for p, s in enumerate(SYNSETS) for i in range(3)]
    (tmp_path / "LOC_val_solution.csv").write_text("\n".join(["ImageId,PredictionString", *rows]))
    return lambda **settings: ImageNet(str(tmp_path), size=8, cache=str(tmp_path / "cache"), **settings)


def test_both_splits_have_the_classes_of_the_folders_and_of_the_solution(make):
    source = make()
    assert source.spec.items() >= {"num_classes": 2, "num_train": 6, "num_test": 6, "shape": [3, 8, 8]}.items()
    for items in (source.train, source.test):
        x, _ = items.gather(range(len(items)))
        assert ((x[:, 0, 0, 0] > 50).long() == classes_of(items)).all()


def test_classes_have_words_where_these_are_known(make, tmp_path):
    assert make().class_names == SYNSETS
    (tmp_path / "LOC_synset_mapping.txt").write_text(f"{SYNSETS[0]} tench, Tinca tinca\n{SYNSETS[1]} goldfish\n")
    assert make().class_names == ("tench", "goldfish")


def test_an_image_without_a_class_is_refused(make, tmp_path):
    (tmp_path / "LOC_val_solution.csv").unlink()
    with pytest.raises(UsageError, match=r"the class is not known: put LOC_val_solution.csv into"):
        _ = make().test
