import gzip
import hashlib
import io
import struct
import tracemalloc
import urllib.request
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest

from gen_models.data.download import _Secure, download
from gen_models.data.idx import Idx, read_idx
from gen_models.data.idx_sets import FILES, SETS
from gen_models.data.stacked import Stacked
from gen_models.errors import UsageError

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 28, 28), dtype=np.uint8)
DEBIAN = Path("/usr/share/datasets/fashion-mnist")


def idx(array):
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "mnist"
    folder.mkdir()
    (folder / FILES[0]).write_bytes(idx(IMAGES))
    (folder / f"{FILES[1]}.gz").write_bytes(gzip.compress(idx(np.arange(6, dtype=np.uint8))))
    (tmp_path / FILES[2]).write_bytes(idx(IMAGES[:2]))
    (tmp_path / FILES[3]).write_bytes(idx(np.array([9, 9], np.uint8)))
    return tmp_path


def test_files_are_found_plain_or_zipped_in_root_or_below(root):
    source = Idx("mnist", str(root))
    assert source.spec.items() >= {"shape": [1, 28, 28], "levels": 256, "num_classes": 10, "num_train": 6}.items()
    x, y = source.train.gather([5, 2])
    np.testing.assert_array_equal(x[:, 0], IMAGES[[5, 2]])
    assert y.tolist() == [5, 2]
    assert source.test.gather([1])[1].tolist() == [9]


def test_larger_images_are_centred_on_black(root):
    x, _ = Idx("mnist", str(root), size=32).train.gather([0])
    np.testing.assert_array_equal(x[0, 0, 2:30, 2:30], IMAGES[0])
    assert x.sum() == IMAGES[0].sum()


def test_fingerprint_follows_the_pixels(root):
    before = Idx("mnist", str(root)).fingerprint
    assert Idx("mnist", str(root)).fingerprint == before
    (root / "mnist" / FILES[0]).write_bytes(idx(IMAGES // 2))
    assert Idx("mnist", str(root)).fingerprint != before


def test_identity_follows_the_labels_too(root):
    before = Idx("mnist", str(root))
    known = before.identity, before.fingerprint
    (root / FILES[3]).write_bytes(idx(np.array([9, 8], np.uint8)))
    after = Idx("mnist", str(root))
    assert (after.identity != known[0], after.fingerprint) == (True, known[1])
    assert after.former_identities == before.former_identities  # of versions that did not look
    assert Stacked(after, count=4, test_count=2).identity != Stacked(before, count=4, test_count=2).identity


@pytest.mark.parametrize(
    "content", [b"", idx(IMAGES)[:-1], idx(IMAGES) + b"x", idx(IMAGES[0]), idx(IMAGES).replace(b"\x08", b"\x0d", 1)]
)
def test_a_damaged_file_is_named(root, content):
    path = root / "mnist" / FILES[0]
    path.write_bytes(content)
    with pytest.raises(UsageError, match=f"{path} is damaged"):
        _ = Idx("mnist", str(root)).train


def test_a_flipped_bit_in_a_zipped_file_is_found(tmp_path):
    path, content = tmp_path / "a.gz", bytearray(gzip.compress(idx(IMAGES)))
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(UsageError, match="damaged"):
        read_idx(path, 3)


def test_no_more_is_unzipped_than_the_header_says(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(idx(IMAGES) + bytes(50_000_000)))
    tracemalloc.start()
    with pytest.raises(UsageError, match="not as long as its header says"):
        read_idx(tmp_path / "a.gz", 3)
    assert tracemalloc.get_traced_memory()[1] < 5e6
    tracemalloc.stop()


def test_images_without_their_labels_are_refused(root):
    (root / FILES[3]).write_bytes(idx(np.array([9], np.uint8)))
    with pytest.raises(UsageError, match="t10k images and labels of mnist do not belong"):
        _ = Idx("mnist", str(root)).train


def serve(monkeypatch, replies):
    def open_(self, url, timeout):
        reply = replies[url]
        if isinstance(reply, Exception):
            raise reply
        return io.BytesIO(reply)

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", open_)


def test_the_next_mirror_serves_when_one_fails_or_lies(tmp_path, monkeypatch):
    replies = {"https://a/f": OSError("down"), "https://b/f": b"advertisement", "https://c/f": b"content"}
    serve(monkeypatch, replies)
    target = tmp_path / "new" / "f"
    download(list(replies), target, hashlib.sha256(b"content").hexdigest(), "put it there")
    assert target.read_bytes() == b"content"
    with pytest.raises(UsageError, match=r"a: down; b: not the file .*: put it there\.$"):
        download(list(replies)[:2], tmp_path / "g", hashlib.sha256(b"content").hexdigest(), "put it there")
    assert not list(tmp_path.glob(".g.*.tmp"))


def test_a_download_stays_on_secure_connections():
    asked = urllib.request.Request("https://a/f")
    with pytest.raises(URLError, match="leads from https to http, and is not followed"):
        _Secure().redirect_request(asked, None, 302, "Found", {}, "http://b/f")
    assert _Secure().redirect_request(asked, None, 302, "Found", {}, "https://b/f").full_url == "https://b/f"


def test_without_a_network_the_files_and_their_place_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "gen_models.data.idx.SETS", {"fashion_mnist": SETS["fashion_mnist"].__class__((), (), ("",) * 4, hint="!")}
    )
    with pytest.raises(UsageError, match=rf"{FILES[0]}.gz, .*{FILES[3]}.gz into {tmp_path}/fashion_mnist!"):
        _ = Idx("fashion_mnist", str(tmp_path)).train


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_fashion_mnist_of_the_system_is_complete(tmp_path):
    source = Idx("fashion_mnist", str(tmp_path))
    assert source.spec.items() >= {"shape": [1, 28, 28], "levels": 256, "num_classes": 10, "num_train": 60_000}.items()
    x, y = source.train.gather(range(60_000))
    assert x.double().mean() / 255 == pytest.approx(0.2860, abs=1e-4)  # the published mean
    assert y.bincount().tolist() == [6000] * 10
    assert len(source.test) == 10_000
