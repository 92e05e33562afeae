import os

import pytest
import torch
from PIL import Image

from gen_models.data.folder import Folder
from gen_models.errors import UsageError

SHADES = range(0, 200, 10)


def fill(root, shades=SHADES):
    root.mkdir(parents=True, exist_ok=True)
    for shade in shades:
        Image.new("L", (9, 7), shade).save(root / f"{shade}.png")


@pytest.fixture
def make(tmp_path):
    fill(tmp_path / "images" / "cats")
    fill(tmp_path / "images" / "dogs", [250])

    def make(root="images", **settings):
        return Folder(str(tmp_path / root), size=4, cache=str(tmp_path / "cache"), **settings)

    return make


def shades(items):
    return items.gather(range(len(items)))[0][:, 0, 0, 0].tolist()


def test_subfolders_are_classes_and_splits_do_not_overlap(make):
    source = make()
    assert source.class_names == ("cats", "dogs")
    assert source.spec.items() >= {"shape": [3, 4, 4], "levels": 256, "num_classes": 2, "num_train": 19}.items()
    assert sorted(shades(source.train) + shades(source.test)) == [*SHADES, 250]
    for items in (source.train, source.test):
        x, y = items.gather(range(len(items)))
        assert torch.equal(y == 1, x[:, 0, 0, 0] == 250)


def test_the_split_is_shuffled_and_stable_when_a_file_is_added(make, tmp_path):
    source = make("images/cats", test_fraction=0.5)
    before = shades(source.train)
    assert before != sorted(before)
    assert shades(make("images/cats", test_fraction=0.5, seed=1).train) != before
    fill(tmp_path / "images" / "cats", [255])
    after = shades(make("images/cats", test_fraction=0.5).train)
    assert len(set(before) - set(after)) <= 1


def test_store_is_reused_until_a_file_or_a_setting_changes(make, tmp_path, monkeypatch):
    first = make()
    old = shades(first.train)
    with monkeypatch.context() as patch:
        patch.setattr("gen_models.data.folder.pixels", None)  # a second build would fail
        assert shades(make().train) == old
        assert make().fingerprint == first.fingerprint
    Image.new("L", (9, 7), 77).save(tmp_path / "images" / "dogs" / "250.png")
    second = make()
    assert 77 in shades(second.train) + shades(second.test)
    assert second.fingerprint != first.fingerprint
    assert make(grey=True).spec["shape"] == [1, 4, 4]
    assert make(test_fraction=0.3).fingerprint != second.fingerprint


def test_classes_can_be_ignored_limited_or_missing(make):
    assert make(classes=False).class_names == ()
    assert make("images/cats").class_names == ()
    assert make(num_classes=1).class_names == ("cats",)
    assert make(num_classes=1).spec["num_train"] == 18
    with pytest.raises(UsageError, match="asks for more classes than the 2"):
        _ = make(num_classes=3).train
    with pytest.raises(UsageError, match="in no class"):
        _ = make("images/cats", classes=True).train


def test_what_is_no_image_file_is_passed_over(make, tmp_path):
    root = tmp_path / "images"
    (root / "notes.txt").write_text("hello")
    (root / "cats" / "._1.png").write_text("a Mac's shadow")
    os.mkfifo(root / "cats" / "pipe.png")
    (root / "cats" / "loop").symlink_to(root, target_is_directory=True)
    (root / "cats" / "gone.png").symlink_to(root / "nowhere.png")
    source = make()
    assert len(source.train) + len(source.test) == 21


def test_bad_files_are_skipped_up_to_a_share_and_named_beyond_it(make, tmp_path, caplog):
    (tmp_path / "images" / "cats" / "broken.png").write_text("no image")
    source = make(max_bad=0.05)
    assert len(source.train) + len(source.test) == 21
    assert "cats/broken.png (not an image of a known format)" in caplog.text
    with pytest.raises(UsageError, match=r"More than 1.00% .* cats/broken.png \(not an image"):
        _ = make().train
    assert not [path for path in (tmp_path / "cache").iterdir() if path.suffix == ".part"]


def test_folders_that_cannot_serve_are_refused_in_one_sentence(make, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="There is no folder"):
        _ = make("nowhere").train
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no images"):
        _ = make("empty").train
    fill(tmp_path / "single", [1])
    with pytest.raises(UsageError, match="at least two"):
        _ = make("single").train

    def deny(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", deny)
    with pytest.raises(UsageError, match=r"Cannot read .*images: Permission denied"):
        _ = make().train


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"fit": "squash"}, "crop or pad"), ({"test_fraction": 1.0}, "between"), ({"size": 0}, "size")],
)
def test_wrong_settings_are_refused_at_once(make, wrong, message):
    with pytest.raises(UsageError, match=message):
        Folder("anywhere", **wrong)


@pytest.mark.parametrize(("fit", "corner"), [("crop", 0), ("pad", 255)])
def test_the_fit_is_applied(make, tmp_path, fit, corner):
    (tmp_path / "wide").mkdir()
    for i in range(2):
        Image.new("L", (8, 4)).save(tmp_path / "wide" / f"{i}.png")
    x, _ = make("wide", fit=fit).train.gather([0])
    assert x[0, 0, 0, 0] == corner
