"""Files that are whole or do not count."""

import json
import math
import resource
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from gen_models.errors import UsageError
from gen_models.run.checkpoints import Store
from gen_models.run.manifest import Score


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "checkpoints")
    for turn, score in [(1, 0.5), (2, 0.1), (3, 0.4), (4, None)]:
        kid = None if score is None else Score("kid", score, higher_is_better=False)
        store.save(turn, {"weights": torch.full((1000,), float(turn))}, kid)
    return store


def test_the_newest_two_and_the_best_stay(store):
    assert [entry.turn for entry in store.entries()] == [2, 3, 4]
    assert store.best().turn == 2
    assert sorted(path.name for path in store.folder.glob("*.ckpt")) == [e.file for e in store.entries()]


@pytest.mark.parametrize(("up", "best"), [(True, 1), (False, 2)])
def test_the_figure_says_which_way_is_up_also_to_who_opens_the_folder_anew(tmp_path, up, best):
    store = Store(tmp_path)
    for turn, value in enumerate([0.5, 0.1, 0.4, float("nan")], start=1):
        store.save(turn, {}, Score("psnr", value, up))
    assert Store(tmp_path).best().turn == best


def test_another_figure_makes_another_best(store):
    store.save(5, {}, Score("psnr", 20.0, higher_is_better=True))
    store.save(6, {}, Score("psnr", 10.0, higher_is_better=True))
    assert Store(store.folder).best().turn == 5


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: flip_a_bit(path),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
    ],
    ids=["bit", "truncated", "empty", "missing"],
)
def test_a_damaged_file_is_passed_over(store, damage):
    damage(store.folder / store.entries()[-1].file)
    entry, payload, damaged = store.newest()
    assert entry.turn == 3
    assert torch.equal(payload["weights"], torch.full((1000,), 3.0))
    assert [name[:14] for name in damaged] == ["turn-000000004"]


def test_if_all_are_damaged_nothing_starts_over_by_itself(store):
    for entry in store.entries():
        flip_a_bit(store.folder / entry.file)
    with pytest.raises(UsageError, match="every checkpoint .* resume=never"):
        store.newest()


def test_a_write_that_fails_leaves_the_older_ones(store, monkeypatch):
    def full(payload, file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space left"):
        store.save(5, {})
    assert store.newest()[0].turn == 4
    assert not list(store.folder.glob("*.tmp")) + list(store.folder.glob(".*.tmp"))


def test_a_folder_in_the_place_of_a_checkpoint_is_passed_over_and_replaced(store):
    newest = store.folder / store.entries()[-1].file
    newest.unlink()
    newest.mkdir()
    assert store.newest()[0].turn == 3
    entry = store.save(4, {"weights": torch.full((1000,), 4.0)})
    assert entry.file == newest.name
    assert store.newest()[0].turn == 4


def test_leftovers_of_a_killed_write_are_swept(store):
    (store.folder / ".turn-000000009.ckpt.77.tmp").write_bytes(b"half")
    store.save(5, {"weights": torch.zeros(1)})
    assert not list(store.folder.glob(".*.tmp"))


def test_code_in_a_file_is_not_run(store, tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "ran",))

    entry = store.save(6, {"trap": Trap()})
    assert store.read(entry) is None
    assert not (tmp_path / "ran").exists()
    assert store.newest()[0].turn == 4


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"format": 2, "checkpoints": []}', b'{"checkpoints": [{}]}', None],
)
def test_a_manifest_that_is_lost_is_read_off_the_files(store, content):
    before = store.entries()
    store.manifest.unlink()
    if content is not None:
        store.manifest.write_bytes(content)
    assert store.lost
    assert store.entries() == before
    assert store.best().turn == 2
    store.save(5, {})
    assert not store.lost
    assert [entry.turn for entry in store.entries()] == [2, 4, 5], "no good file was swept"


def test_files_without_a_manifest_are_held_against_their_names(store):
    store.manifest.unlink()
    flip_a_bit(sorted(store.folder.glob("turn-*.ckpt"))[-1])
    entry, _, damaged = store.newest()
    assert (entry.turn, len(damaged)) == (3, 1)


def test_a_manifest_of_a_later_version_is_left_alone(store):
    store.manifest.write_text(json.dumps({"format": 99, "checkpoints": []}))
    with pytest.raises(UsageError, match="later version of gen_models: update it"):
        store.entries()


@pytest.mark.parametrize("name", ["../turn-000000004.ckpt", "/etc/hostname"])
def test_a_manifest_names_no_file_outside(store, name):
    entry = asdict(store.entries()[-1]) | {"file": name}
    store.manifest.write_text(json.dumps({"format": 2, "checkpoints": [entry]}))
    assert all("/" not in entry.file for entry in store.entries())


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_never_the_best(store, score):
    store.save(5, {}, Score("kid", score, higher_is_better=False))
    assert store.best().turn == 2
    json.loads(store.manifest.read_text(), parse_constant=lambda word: pytest.fail(word))


@pytest.mark.parametrize("left", [0, 100, 5000])
def test_a_full_disk_is_told_as_such(store, left):
    """As the system tells it, in the middle of what torch writes; torch alone would speak of a damaged archive."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (left, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            store.save(5, {"weights": torch.zeros(100_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert store.newest()[0].turn == 4
    assert not list(store.folder.glob(".*"))
    store.save(6, {"weights": torch.zeros(100_000)})
    assert store.newest()[0].turn == 6


def test_the_manifest_is_plain(store):
    assert json.loads(store.manifest.read_text())["format"] == 2
    with pytest.raises(UsageError, match="at least 2"):
        Store(store.folder, keep=1)


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def test_the_direction_is_known_also_where_the_manifest_is_lost(tmp_path):
    store = Store(tmp_path)
    for turn, value in enumerate([10.0, 30.0, 20.0], start=1):
        store.save(turn, {}, Score("psnr", value, higher_is_better=True))
    before = store.entries()
    store.manifest.unlink()
    assert store.entries() == before
    assert store.best().turn == 2
