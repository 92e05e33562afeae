"""`gen-models data`: what there is, and what one set is made of."""

import sys

import pytest
from PIL import Image

from gen_models.cli import main


@pytest.fixture
def typed(monkeypatch, capsys, tmp_path):
    def run(*words):
        monkeypatch.setattr(sys, "argv", ["gen-models", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return end.value.code or 0, printed.out, printed.err

    return run


@pytest.fixture
def cats(tmp_path):
    root = tmp_path / "cats"
    for name, count in (("lion", 5), ("tiger", 3)):
        (root / name).mkdir(parents=True)
        for i in range(count):
            Image.new("RGB" if name == "lion" else "L", (40 + i, 30), i).save(root / name / f"{i}.png")
    (root / "lion" / "broken.png").write_text("no image")
    (root / "lion" / "phone.heic").write_text("a photograph")
    (root / "lynx").mkdir()
    Image.effect_noise((64, 64), 50).save(root / "tiger" / "cut.jpg")
    content = (root / "tiger" / "cut.jpg").read_bytes()
    (root / "tiger" / "cut.jpg").write_bytes(content[: len(content) // 2])
    return root


def inspect(cats, out, *more):
    return "data", "inspect", "data=folder", f"data.root={cats}", f"paths.cache={out.parent}/cache", "--out", out, *more


def test_a_folder_is_described_with_its_rejects_and_a_contact_sheet(typed, cats, tmp_path):
    out = tmp_path / "sheet.png"
    code, text, _ = typed(*inspect(cats, out, "data.size=16", "data.max_bad=0.5", "data.test_fraction=0"))
    assert code == 0
    for line in (
        "left out   .heic 1 · folders without any 1",
        "files      8 of 10 can be read",
        "sizes      40 × 30 to 44 × 30, median 42 × 30 (width × height, by area)",
        "formats    PNG 8",
        "modes      RGB 5 · L 3",
        f"{cats}/lion/broken.png (not an image of a known format)",
        f"{cats}/tiger/cut.jpg (damaged: ",
        "items      7 to train on, 1 to choose by, 0 to report on, each 3 × 16 × 16",
        "classes    2: lion ",
        f"{out}: 7 of the training items",
    ):
        assert line in text
    assert "small" not in text
    assert Image.open(out).width >= 256
    Image.new("RGB", (300, 15)).save(cats / "lion" / "strip.png")
    code, text, _ = typed(*inspect(cats, out, "data.size=16", "data.max_bad=0.5", "--overwrite"))
    assert "small      1 of them, with less than 16 pixels on their shorter side" in text


def test_a_folder_that_can_not_serve_is_described_before_it_is_refused(typed, cats, tmp_path):
    code, text, error = typed(*inspect(cats, tmp_path / "sheet.png"))
    assert code == 2
    assert "files      8 of 10 can be read" in text
    assert "broken.png" in text
    assert error.count("More than 1.00% of the 10 images") == 1
    assert not (tmp_path / "sheet.png").exists()


def test_equal_pictures_are_counted_within_and_across_splits(typed, tmp_path):
    for split, shades in (("train", (1, 2, 2, 2, 3)), ("val", (4, 5)), ("test", (3, 2, 6))):
        (tmp_path / "set" / split).mkdir(parents=True)
        for i, shade in enumerate(shades):
            Image.new("RGB", (8, 8), (10 * shade,) * 3).save(tmp_path / "set" / split / f"{i}.png")
    _, text, _ = typed(*inspect(tmp_path / "set", tmp_path / "sheet.png", "data.size=8"))
    assert (
        "repeated   2 training items equal an earlier one, and 0 to choose by and 2 to report on equal one of them"
        in text
    )


def test_any_set_is_described(typed, tmp_path):
    code, text, _ = typed("data", "inspect", "data=digits", "--out", tmp_path / "digits.png", "--n", 9)
    assert code == 0
    assert "1,197 to train on, 300 to choose by, 300 to report on, each 1 × 8 × 8" in text
    assert "17 levels" in text
    assert "files" not in text
    assert "repeated   " in text
    assert (tmp_path / "digits.png").is_file()


def test_without_another_word_the_sets_are_listed(typed):
    code, text, _ = typed("data")
    assert code == 0
    assert "celeba" in text
    assert typed("recipes")[1].count("\n") > 40


def test_a_folder_below_the_home_directory_is_found(typed, cats, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    code, text, error = typed(*inspect("~/cats", tmp_path / "sheet.png", "data.size=16", "data.max_bad=0.5"))
    assert (code, error) == (0, "")
    assert "files      8 of 10 can be read" in text
