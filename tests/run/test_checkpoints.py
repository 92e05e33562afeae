"""Files that are whole or do not count."""

import json

import pytest
import torch

from gen_models.errors import UsageError
from gen_models.run.checkpoints import Score, Store


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
    assert damaged == ["turn-000000004.ckpt"]


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


def test_leftovers_of_a_killed_write_are_swept(store):
    (store.folder / ".turn-000000009.ckpt.77.tmp").write_bytes(b"half")
    store.save(5, {"weights": torch.zeros(1)})
    assert not list(store.folder.glob(".*.tmp"))


def test_code_in_a_file_is_not_run(store):
    class Trap:
        def __reduce__(self):
            return (print, ("run!",))

    entry = store.save(6, {"trap": Trap()})
    with pytest.raises(Exception, match="Weights only load failed"):
        store.read(entry)


def test_the_manifest_is_plain(store):
    assert json.loads(store.manifest.read_text())["format"] == 1
    with pytest.raises(UsageError, match="at least 2"):
        Store(store.folder, keep=1)


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
