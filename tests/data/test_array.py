import pickle

import numpy as np
import pytest
import torch

from gen_models.data.array import Array
from gen_models.data.arrays import Arrays
from gen_models.errors import UsageError
from gen_models.run.build import build_data

IMAGES = np.random.RandomState(0).randint(0, 256, (40, 6, 5, 3), dtype=np.uint8)
CLASSES = np.arange(40) % 4


@pytest.fixture
def saved(tmp_path):
    np.save(tmp_path / "x.npy", IMAGES)
    np.save(tmp_path / "y.npy", CLASSES)
    np.savez(tmp_path / "both.npz", x=IMAGES, y=CLASSES)
    return tmp_path


def everything(source):
    return torch.cat([items.gather(range(len(items)))[0] for items in (source.train, source.test)])


@pytest.mark.parametrize(
    "x",
    [
        IMAGES.transpose(0, 3, 1, 2),
        (IMAGES / 255).astype(np.float32),
        IMAGES / 127.5 - 1,
        (IMAGES / 127.5 - 1).transpose(0, 3, 1, 2),
    ],
    ids=["channels first", "[0, 1]", "[-1, 1]", "[-1, 1], channels first"],
)
def test_every_layout_and_range_gives_the_same_images(x):
    assert Arrays(x, CLASSES).content == Arrays(IMAGES, CLASSES).content


def test_pixels_classes_and_split_survive():
    source = Array(arrays=Arrays(IMAGES, CLASSES), test_fraction=0.25)
    names = ["0", "1", "2", "3"]
    counts = {"num_classes": 4, "class_names": names, "num_train": 30, "num_validation": 0, "num_test": 10}
    assert source.spec == {"shape": [3, 6, 5], "levels": 256, **counts}
    assert len(source.test) == 10
    x, y = source.train.gather([7])
    (row,) = (row for row in range(40) if np.array_equal(IMAGES[row].transpose(2, 0, 1), x[0]))
    assert y.tolist() == [CLASSES[row]]
    assert len(np.unique(everything(source).reshape(40, -1), axis=0)) == 40


def test_sorted_classes_are_held_out_alike():
    source = Array(arrays=Arrays(np.repeat(IMAGES, 10, 0), np.sort(np.repeat(CLASSES, 10))))
    assert len(np.unique(source.test.classes)) == 4


def test_greys_need_no_channel_axis_and_words_are_classes():
    source = Array(arrays=Arrays(IMAGES[..., 0], np.array(["dog", "cat"] * 20)))
    assert source.spec["shape"] == [1, 6, 5]
    assert source.class_names == ("cat", "dog")


def test_points_are_floats():
    source = Array(arrays=Arrays(np.linspace(-1, 1, 20).reshape(10, 2)))
    counts = {"num_classes": 0, "class_names": [], "num_train": 9, "num_validation": 0, "num_test": 1}
    assert source.spec == {"shape": [2], "levels": None, **counts}
    assert source.train.gather([0])[0].dtype == torch.float32


def test_files_and_memory_are_the_same_data(saved):
    memory = Array(arrays=Arrays(IMAGES, CLASSES))
    files = Array(x=str(saved / "x.npy"), y=str(saved / "y.npy"))
    both = Array(x=str(saved / "both.npz"))
    assert memory.fingerprint == files.fingerprint == both.fingerprint
    assert torch.equal(everything(files), everything(both))
    assert Array(x=str(saved / "x.npy")).fingerprint != files.fingerprint


@pytest.mark.parametrize("grey", [False, True])
def test_a_map_stays_one_and_reaches_workers_as_a_path(saved, grey):
    np.save(saved / "x.npy", IMAGES[..., 0].repeat(5, 1) if grey else IMAGES)
    source = Array(x=str(saved / "x.npy"))
    assert isinstance(source.train.x, np.memmap)
    sent = pickle.dumps(source.train)
    assert len(sent) < IMAGES.nbytes / 2
    assert torch.equal(pickle.loads(sent).gather([3, 1])[0], source.train.gather([3, 1])[0])


def test_few_labels_are_as_many_of_each_class():
    source = Array(arrays=Arrays(IMAGES, CLASSES), labelled=8)
    _, y = source.train.gather(range(36))
    assert torch.bincount(y[y >= 0]).tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (IMAGES.astype(np.int64), None, "is int64"),
        (IMAGES.astype(np.float32), None, r"in \[0, 255\]: undo"),
        (np.full((4, 5, 5), np.nan), None, "no finite numbers"),
        (np.full((4, 2), np.inf), None, "no finite numbers"),
        (IMAGES[..., :2], None, "neither 1 nor 3"),
        (IMAGES[:, :3], None, "data.channels=last"),
        (IMAGES[0, 0], None, "are points, which are floats"),
        (np.full((4, 2), 7.0), None, r"lie in \[-1, 1\]"),
        (IMAGES[:1], None, "two images or more"),
        (IMAGES, CLASSES[:-1], "there are 40 items"),
        (IMAGES, CLASSES / 2, "classes are whole numbers"),
        (IMAGES, CLASSES - 1, "numbered from 0"),
    ],
)
def test_other_arrays_are_refused(x, y, words):
    with pytest.raises(UsageError, match=words):
        Arrays(x, y)


def test_other_content_is_refused():
    source = Array(arrays=Arrays(IMAGES), content=Arrays(IMAGES, CLASSES).content)
    with pytest.raises(UsageError, match="not those"):
        _ = source.spec


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.npy", None, "there is no file"),
        ("text.npy", b"no numbers", "can't be read"),
        ("empty.npy", b"", "can't be read"),
        ("objects.npy", pickle.dumps([1]), "can't be read"),
        ("cut.npz", None, "can't be read"),
        ("other.npz", None, "has no array 'x', only z"),
    ],
)
def test_other_files_are_refused(saved, name, content, words):
    np.savez(saved / "other.npz", z=IMAGES)
    (saved / "cut.npz").write_bytes((saved / "both.npz").read_bytes()[:300])
    if content is not None:
        (saved / name).write_bytes(content)
    with pytest.raises(UsageError, match=words):
        _ = Array(x=str(saved / name)).spec


def test_a_cut_map_is_refused(saved):
    (saved / "cut.npy").write_bytes((saved / "x.npy").read_bytes()[:500])
    with pytest.raises(UsageError, match="can't be read"):
        _ = Array(x=str(saved / "cut.npy")).spec


def test_pickled_objects_are_never_read(saved):
    np.save(saved / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(UsageError, match="can't be read"):
        _ = Array(x=str(saved / "objects.npy")).spec


def test_points_are_not_mirrored(saved, compose_job):
    np.save(saved / "points.npy", np.linspace(-1, 1, 80).reshape(20, 4))
    with pytest.raises(UsageError, match=r"data.flip=true mirrors pictures, and the data has shape \[4\]"):
        build_data(compose_job("data=points", f"data.x={saved}/points.npy", "data.flip=true"))


def test_it_trains_from_the_command_line(saved, run_job):
    np.save(saved / "x.npy", np.repeat(IMAGES[:, :4, :4], 2, 1).repeat(2, 2))
    run = run_job("data=array", f"data.x={saved}/x.npy", f"data.y={saved}/y.npy", "model=vae", "turns=2")
    assert (run / "finished.json").is_file()


def test_points_have_no_channels_to_place():
    points = np.linspace(-1, 1, 40).reshape(20, 2)
    assert Array(arrays=Arrays(points, None), channels="last").unread == {"channels": "points have no channels"}
    assert not Array(arrays=Arrays(points, None)).unread
    assert not Array(arrays=Arrays(IMAGES, None), channels="last").unread


def test_names_of_classes_command_no_terminal():
    """They are whatever the array, an archive or a set of a hub brings."""
    source = Array(arrays=Arrays(IMAGES, np.array(["a\x1b[2J", "b\n"] * 20)))
    assert source.class_names == (r"a\x1b[2J", r"b\n")


@pytest.mark.parametrize("content", [b"", b"x" * 100, b"\x93NUMPY\x01\x00", b"PK\x03\x04", pickle.dumps([1])])
def test_a_file_of_anything_else_is_refused_in_words_of_its_own(tmp_path, content):
    (tmp_path / "x.npy").write_bytes(content)
    with pytest.raises(UsageError, match=r"x.npy can't be read as numbers in a .npy or .npz: .*[^.]\.$") as refused:
        _ = Array(x=str(tmp_path / "x.npy")).train
    assert "allow_pickle" not in str(refused.value)
    assert "unsafe" not in str(refused.value)
