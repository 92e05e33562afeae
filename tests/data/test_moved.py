"""Sets that lie elsewhere than they did: what a run knows them by is what their files hold, not where or since when."""

import os
import shutil
import tarfile
import wave

import numpy as np
import pytest
from omegaconf import OmegaConf
from PIL import Image

from gen_models.data.celeba import CelebA
from gen_models.data.folder import Folder
from gen_models.data.imagenet import ImageNet
from gen_models.data.shards import Shards
from gen_models.data.source import digest
from gen_models.data.speech import Speech
from gen_models.errors import UsageError
from gen_models.run.comparison import compare, renew_identity


def picture(path, shade, size=(8, 8)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (shade,) * 3).save(path)


def sound(path, pitch):
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = 8000 * np.sin(pitch * np.arange(300))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(tone.astype("<i2").tobytes())


def folder(root, shade=9):
    for i in range(6):
        picture(root / ("cats" if i % 2 else "dogs") / f"{i}.bmp", shade if i == 3 else i)


def faces(root, shade=9):
    for i in range(6):
        picture(root / "img" / f"{i}.bmp", shade if i == 3 else i, (178, 218))
    (root / "list_eval_partition.txt").write_text("\n".join(f"{i}.bmp {i % 3}" for i in range(6)))


def imagenet(root, shade=9):
    for split in ("train", "val"):
        folder(root / split, shade)


def packed(root):
    with tarfile.open(root / "part.tar", "w") as tar:
        for path in sorted((root / "images").iterdir()):
            tar.add(path, path.name)


def shards(root, shade=9):
    for i in range(6):
        picture(root / "images" / f"{i}.png", shade if i == 3 else i)
    packed(root)


def raw_shards(root, shade=9):
    for i in range(6):
        picture(root / "images" / f"{i}.bmp", i, (32, 32))
    pixels = bytearray((root / "images" / "3.bmp").read_bytes())
    pixels[1000] = shade  # far from the end
    (root / "images" / "3.bmp").write_bytes(pixels)
    packed(root)


def voices(root, pitch=9):
    for i in range(6):
        sound(root / "anna" / f"{i}.wav", pitch if i == 3 else i + 1)


SETS = {
    "folder": (folder, lambda root, cache: Folder(str(root), 4, cache=cache)),
    "celeba": (faces, lambda root, cache: CelebA(str(root / "img"), 4, cache=cache)),
    "partition": (faces, lambda root, cache: CelebA(str(root / "img"), 4, partition=True, cache=cache)),
    "imagenet": (imagenet, lambda root, cache: ImageNet(str(root), 4, cache=cache)),
    "shards": (shards, lambda root, cache: Shards(str(root), 4, cache=cache)),
    "raw shards": (raw_shards, lambda root, cache: Shards(str(root), 4, cache=cache)),
    "speech": (voices, lambda root, cache: Speech(str(root), 100)),
}


@pytest.mark.parametrize("name", SETS)
def test_a_copy_is_the_same_set_and_a_file_that_was_edited_another(name, tmp_path):
    fill, opened = SETS[name]

    def known():
        return [(source := opened(place, str(tmp_path / "cache"))).identity, source.fingerprint]

    place = tmp_path / "here"
    fill(place)
    first = known()
    place = shutil.copytree(place, tmp_path / "there", copy_function=shutil.copyfile)
    for path in place.rglob("*.*"):
        os.utime(path, (1e9, 1e9))
    assert known() == first
    sizes = {path: path.stat().st_size for path in place.rglob("*.*")}
    fill(place, 8)
    assert sizes == {path: path.stat().st_size for path in place.rglob("*.*")}
    assert not set(known()) & set(first)


def test_what_tables_say_of_the_items_is_part_of_a_set(tmp_path):
    faces(tmp_path)
    opened = SETS["partition"][1]
    first = opened(tmp_path, str(tmp_path / "cache")).identity
    table = tmp_path / "list_eval_partition.txt"
    table.write_text(table.read_text().replace("3.bmp 0", "3.bmp 1"))
    assert opened(tmp_path, str(tmp_path / "cache")).identity != first


def test_a_run_of_an_earlier_version_knows_its_set_by_sizes_and_times(tmp_path):
    folder(tmp_path / "images")
    source = Folder(str(tmp_path / "images"), 4, seed=5, cache=str(tmp_path / "cache"))
    stamps = [(str(path.relative_to(source.root)), path.stat()) for path in source.files()]
    once = {
        **{"source": "Folder", "limit": None, "test_fraction": 0.1, "seed": 5, "max_bad": 0.01},
        **{"size": 4, "fit": "crop", "grey": False, "white": "auto", "reader": 2, "classes": ["cats", "dogs"]},
        "files": [[path, status.st_size, status.st_mtime_ns] for path, status in stamps],
    }
    now = OmegaConf.create({"spec": {"fingerprint": source.identity}, "seed": 0})
    run = tmp_path / "run"
    run.mkdir()
    OmegaConf.save({"spec": {"fingerprint": digest(once)}, "seed": 0}, run / "config.yaml")
    compare(run, now, source)
    with pytest.raises(UsageError, match="the items of the data, or their classes, are others"):
        compare(run, now)
    before = (run / "config.yaml").read_text()
    renew_identity(run, now)
    compare(run, now)
    (run / "config.yaml").write_text(before)
    os.utime(source.files()[0], (1e9, 1e9))
    with pytest.raises(UsageError, match="the items of the data, or their classes, are others"):
        compare(run, now, Folder(str(source.root), 4, seed=5, cache=str(tmp_path / "cache")))
