"""Pictures, films and sounds: whole or not there."""

import os

import pytest
import torch
from PIL import Image

from gen_models.media.audio import save_sound
from gen_models.media.films import save_film
from gen_models.media.image_files import readable, save_image
from gen_models.media.pictures import save_picture
from gen_models.media.plots import save_frames

PICTURE = torch.randint(0, 256, (3, 64, 64), dtype=torch.uint8)
WRITERS = {
    "picture.png": lambda path: save_picture(PICTURE, path),
    "film.gif": lambda path: save_film([PICTURE, 255 - PICTURE], path),
    "theory.gif": lambda path: save_frames([PICTURE, 255 - PICTURE], path),
    "theory.png": lambda path: save_frames([PICTURE], path),
    "sound.wav": lambda path: save_sound(torch.zeros(100), 8000, path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_kill_leaves_what_was_there(tmp_path, monkeypatch, name):
    path = tmp_path / "new" / name
    WRITERS[name](path)
    whole = path.read_bytes()

    def killed(*places):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        WRITERS[name](path)
    assert path.read_bytes() == whole
    assert [each.name for each in path.parent.iterdir()] == [name]


@pytest.mark.parametrize("ending", [".png", ".JPG", ".jpeg", ".webp", ".tiff", ".pdf"])
def test_the_ending_is_the_format(tmp_path, ending):
    path = tmp_path / f"x{ending}"
    save_image(Image.new("RGB", (4, 4)), path)
    if ending != ".pdf":  # which Pillow only writes
        with Image.open(path) as image:
            assert image.size == (4, 4)


def test_half_an_image_is_not_readable(tmp_path):
    path = tmp_path / "x.png"
    assert not readable(path)
    save_picture(PICTURE, path)
    assert readable(path)
    path.write_bytes(path.read_bytes()[:-40])
    assert not readable(path)
