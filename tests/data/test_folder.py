import logging
import os

import numpy as np
import pytest
import torch
from PIL import Image

from gen_models.data.folder import Folder
from gen_models.data.listing import natural
from gen_models.errors import UsageError
from gen_models.run.choices import check_unread

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
        patch.setattr("gen_models.data.reader.pixels", None)  # a second build would fail
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


def test_what_is_no_image_file_is_passed_over_and_told_once(make, tmp_path, caplog):
    root = tmp_path / "images"
    (root / "notes.txt").write_text("hello")
    (root / "cats" / "._1.png").write_text("a Mac's shadow")
    os.mkfifo(root / "cats" / "pipe.png")
    (root / "cats" / "loop").symlink_to(root, target_is_directory=True)
    (root / "cats" / "gone.png").symlink_to(root / "nowhere.png")
    (root / "cats" / "phone.HEIC").write_text("a photograph")
    (root / "birds" / "none").mkdir(parents=True)
    source = make()
    assert len(source.train) + len(source.test) == 21
    kinds = {".txt": 1, ".heic": 1, "links to folders": 1, "links to nothing": 1, "no files": 1}
    assert source.left_out() == {**kinds, "folders without any": 2}
    assert f"{root}: left out: folders without any 2 · " in caplog.text
    caplog.clear()
    assert make().train
    assert "left out" not in caplog.text
    (tmp_path / "phone").mkdir()
    (tmp_path / "phone" / "1.heic").write_text("a photograph")
    with pytest.raises(UsageError, match=r"phone holds no images, only \.heic 1: name another"):
        _ = make("phone").train


def test_bad_files_are_skipped_up_to_a_share_and_named_beyond_it(make, tmp_path, caplog):
    (tmp_path / "images" / "cats" / "broken.png").write_text("no image")
    source = make(max_bad=0.05)
    assert len(source.train) + len(source.test) == 21
    assert "cats/broken.png (not an image of a known format)" in caplog.text
    with pytest.raises(UsageError, match=r"More than 1.00% .* cats/broken.png \(not an image"):
        _ = make().train
    assert not [path for path in (tmp_path / "cache").iterdir() if path.suffix == ".tmp"]


def test_folders_that_cannot_serve_are_refused_in_one_sentence(make, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="There is no folder"):
        _ = make("nowhere").train
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no images"):
        _ = make("empty").train
    fill(tmp_path / "single", [1])
    with pytest.raises(UsageError, match="There is 1 readable in the folder of images .* data.test_fraction=0"):
        _ = make("single").train

    def deny(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", deny)
    with pytest.raises(UsageError, match=r"Cannot read .*images: Permission denied"):
        _ = make().train


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"fit": "squash"}, "crop or pad"),
        ({"test_fraction": 0.5, "validation_fraction": 0.5}, "leave nothing to train on"),
        ({"white": 0}, "auto, 1, 255"),
    ],
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


def grey16(path, *values, dtype=np.uint16):
    path.parent.mkdir(exist_ok=True)
    for i, value in enumerate(values):
        Image.fromarray(np.full((4, 4), value, dtype)).save(path.with_name(f"{path.name}{i}.tif"))


@pytest.mark.parametrize(
    ("values", "dtype", "white", "shown"),
    [
        ((0, 2048, 4095), np.uint16, 4095, [0, 128, 255]),  # 12 bits in 16
        ((0, 100, 200), np.int32, 255, [0, 100, 200]),  # 8 bits in 32
        ((0, 4096, 65535), np.uint16, 65535, [0, 16, 255]),
        ((0, 0.5, 1), np.float32, 1, [0, 128, 255]),
        ((0, 0.5, 1.0001), np.float32, 1, [0, 128, 255]),  # what resampling leaves
        ((1, 90, 255), np.float32, 255, [1, 90, 255]),  # the picture of ones is not white
    ],
)
def test_one_white_for_all_images_of_a_set_is_found_and_said(make, tmp_path, caplog, values, dtype, white, shown):
    grey16(tmp_path / "deep" / "a", *values, dtype=dtype)
    fill(tmp_path / "deep", [7, 8])
    caplog.set_level(logging.INFO)
    source = make("deep", test_fraction=0, grey=True)
    assert sorted(shades(source.train)) == sorted([*shown, 7, 8])
    assert f"white is {white};" in caplog.text


def test_white_can_be_given_and_what_exceeds_it_is_bad(make, tmp_path):
    grey16(tmp_path / "deep" / "a", 0, 4095, 4096)
    assert sorted(shades(make("deep", test_fraction=0, white=65535).train)) == [0, 16, 16]
    assert sorted(shades(make("deep", test_fraction=0, white=4095, max_bad=0.5).train)) == [0, 255]
    with pytest.raises(UsageError, match=r"a2.tif \(its values, 4096 to 4096, are not within 0 and 4095\)"):
        _ = make("deep", white=4095).train


def test_names_that_are_no_text_are_read_and_spelt_out(make, tmp_path):
    folder = os.fsencode(tmp_path / "bytes")
    for name in (b"\xe9t\xe9", b"hi\nv\x1b[31mer"):
        os.makedirs(folder + b"/" + name)
        for shade in (10, 20):
            with open(folder + b"/" + name + b"/\xff%d.png" % shade, "wb") as file:
                Image.new("L", (9, 7), shade).save(file, "png")
    source = make("bytes")
    assert source.class_names == ("\\xe9t\\xe9", "hi\\nv\\x1b[31mer")
    assert len(source.train) == 3
    assert source.fingerprint


def test_classes_are_in_natural_order(make, tmp_path):
    for name in ("cat10", "cat2", "Dog", "1"):
        fill(tmp_path / "many" / name, [1])
    names = make("many").class_names
    assert names == ("1", "cat2", "cat10", "Dog")
    assert make("many").spec["class_names"] == list(names)
    assert natural(["a10b2", "a10b1", "a9"]) == ["a9", "a10b1", "a10b2"]


def test_an_image_beside_class_folders_is_refused_and_never_ends_all_classes(make, tmp_path):
    fill(tmp_path / "images", [3])
    with pytest.raises(UsageError, match="3.png lies in no subfolder .* move it into one, .* data.classes=false"):
        _ = make().train
    assert make(classes=False).class_names == ()


def test_nothing_need_be_held_out(make):
    source = make("images/dogs", test_fraction=0)
    assert source.spec["num_train"] == 1
    assert source.spec["num_test"] == len(source.test) == 0


def test_a_share_of_a_split_that_the_folder_brings_is_unread(make, tmp_path):
    fill(tmp_path / "own" / "train")
    fill(tmp_path / "own" / "test", [250])
    source = make("own", test_fraction=0.5, validation_fraction=0.1)
    assert source.unread == {"test_fraction": f"{tmp_path}/own has a test split of its own"}
    assert (source.num_test, source.num_validation) == (1, 2)
    check_unread(source, ["data.validation_fraction=0.1", "data=folder"])
    with pytest.raises(UsageError, match="data.test_fraction=0.5 would be without effect, since .* has a test split"):
        check_unread(source, ["data.size=4", "data.test_fraction=0.5"])
    assert not make("own", test_fraction=0).unread


def test_the_white_of_images_of_8_bits_is_unread(make, tmp_path):
    source = make(white=4095)
    reason = f"no image in {tmp_path}/images has more than 8 bits"
    assert source.unread == make(white=4095).unread == {"white": reason}  # also where it was stored before
    with pytest.raises(UsageError, match="data.white=4095 would be without effect, since no image"):
        check_unread(source, ["data.white=4095"])
    assert not make().unread
    Image.fromarray(np.full((7, 9), 90, np.uint16)).save(tmp_path / "images" / "dogs" / "deep.png")
    assert not make(white=4095).unread


@pytest.mark.parametrize("others", [(), ("validation",), ("cats",), (".",)])
def test_a_folder_to_report_on_is_not_trained_on(make, tmp_path, others):
    for name in ("Test", *others):
        fill(tmp_path / "held" / name)
    with pytest.raises(UsageError, match="there is a folder Test/.* and no train/ beside it.*: add train/, or say"):
        _ = make("held").train
    if others != (".",):
        assert "Test" in make("held", classes=True).class_names


def test_folders_of_splits_go_by_several_names(make, tmp_path):
    for number, name in enumerate(("Training", "valid", "Test")):
        for kind in ("cats", "dogs"):
            fill(tmp_path / "parted" / name / kind, [number])
    source = make("parted")
    assert source.class_names == ("cats", "dogs")
    assert [set(shades(part)) for part in (source.train, source.validation, source.test)] == [{0}, {1}, {2}]
    fill(tmp_path / "parted" / "extra", [3])
    with pytest.raises(UsageError, match=r"beside the splits Test/, Training/, valid/ lies .* extra/: move it away"):
        _ = make("parted").train
    assert make("parted", classes=True).class_names == ("extra", "Test", "Training", "valid")
