"""Index of tar shards in WebDataset's convention: where in which file each sample lies, found once.

Members of one name up to the first dot are one sample, and lie one after another: `0001.jpg`, `0001.cls`
(https://github.com/webdataset/webdataset). The shards themselves are only read, never unpacked.
"""

import hashlib
import json
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from gen_models.cache import kept
from gen_models.data.listing import SUFFIXES, natural
from gen_models.data.parallel import in_parallel
from gen_models.data.sums import mark
from gen_models.errors import UsageError
from gen_models.files import replacing

VERSION = 2
"""Of what an index holds: another one renews all indices."""
NO_CLASS = ""
LONGEST = 1024
"""Bytes of a class's name or number, at most."""
END = 512
"""Bytes at the end of an image that tell it from others: they lie beside the next header, which is read anyway."""
RAW = frozenset({".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".ico"})
"""What may not be compressed, so that size and end don't tell of a change: it is read whole."""
BLOCK = 2**20
"""Bytes that are summed at a time."""


class Sample(NamedTuple):
    """An image in a shard: the bytes [offset, offset + size), a sum of their number and end, the text of its class."""

    offset: int
    size: int
    sum: int
    label: str


@dataclass(frozen=True)
class ShardIndex:
    """Where N images lie.

    Attributes:
        shard: (N,) int32 position of each one's shard in the list of shards.
        offset: (N,) int64 first byte.
        size: (N,) int64 bytes.
        sums: (N,) int64, by which images differ that differ in their size or their end, or at all where they are `RAW`.
        y: (N,) int64 class.
        names: Names of the classes; none where the shards have no `.cls`.
    """

    shard: np.ndarray
    offset: np.ndarray
    size: np.ndarray
    sums: np.ndarray
    y: np.ndarray
    names: np.ndarray

    @property
    def content(self) -> str:
        """Sixteen hexadecimal digits of which images lie where, and of their classes."""
        hashed = hashlib.blake2b(json.dumps(self.names.tolist()).encode(), digest_size=8)
        for array in (self.shard, self.offset, self.size, self.sums, self.y):
            hashed.update(array.tobytes())
        return hashed.hexdigest()

    @classmethod
    def of(cls, shards: Sequence[Path]) -> "ShardIndex":
        """Read the headers of all shards.

        Raises:
            UsageError: A file is no plain tar, none holds an image, or only some images have a class.
        """
        with closing(in_parallel(_samples, shards, "reading shards", processes=False)) as found:
            places, labels = zip(*found, strict=True)
        offset, size, sums = np.concatenate(places).T
        if not len(offset):
            raise UsageError(f"the shards beside {shards[0]} hold no images: name another folder by data.root=…")
        y, names = _classes(np.concatenate(labels))
        shard = np.repeat(np.arange(len(shards), dtype=np.int32), list(map(len, places)))
        return cls(shard, offset, size, sums, y, names)

    @classmethod
    def cached(cls, path: Path, shards: Sequence[Path]) -> "ShardIndex":
        """Open the index at `path`; the first process to ask makes it while the others wait.

        Raises:
            UsageError: See `of`; or the place cannot be written.
        """
        try:
            return kept(path, cls._read, lambda place: cls.of(shards)._save(place))
        except OSError as error:
            raise UsageError(
                f"Cannot keep the index of shards in {path.parent} ({error}); choose another place: data.cache=…"
            ) from error

    @classmethod
    def _read(cls, path: Path) -> "ShardIndex | None":
        """The index of a file, or None where it is missing or damaged."""
        try:
            with np.load(path) as arrays:
                return cls(**arrays)
        except (OSError, EOFError, ValueError, TypeError, BadZipFile, zlib.error):
            return None

    def _save(self, path: Path) -> None:
        with replacing(path) as place, place.open("wb") as file:
            np.savez(file, **vars(self))


def _samples(shard: Path) -> tuple[np.ndarray, np.ndarray]:
    """Find the images of one shard: (n, 3) offsets, sizes and sums, and the texts (n,) of their classes."""
    try:
        with tarfile.open(shard, "r:") as tar:
            files = (member for member in tar if member.isreg() and not member.issparse())
            samples = [
                sample for key, group in groupby(files, _key) for sample in _sample(tar, f"{shard}: {key}", group)
            ]
            _check_end(shard, tar.offset)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise UsageError(f"{shard} is no plain, whole .tar ({error}): replace it, and unpack a .tar.gz.") from error
    places = np.array([sample[:3] for sample in samples], np.int64).reshape(-1, 3)
    return places, np.array([sample.label for sample in samples], str)


def _check_end(shard: Path, place: int) -> None:
    """Refuse a shard in which something else than the block of zeros of its end stopped the reading."""
    with shard.open("rb") as file:
        file.seek(place)
        if file.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError(f"what stands at byte {place:,} is no member of it")


def _key(member: tarfile.TarInfo) -> str:
    """What members of one sample share: the path up to the first dot of the file's name."""
    path = PurePosixPath(member.name)
    return str(path.with_name(path.name.partition(".")[0] or path.name))


def _sample(tar: tarfile.TarFile, name: str, members: Iterable[tarfile.TarInfo]) -> Iterator[Sample]:
    """Give the first image among members of one sample, with its class; nothing where there is neither."""
    endings = {PurePosixPath(member.name).name.partition(".")[2].lower(): member for member in members}
    images = [member for ending, member in endings.items() if f".{ending}" in SUFFIXES]
    label = tar.extractfile(endings["cls"]) if "cls" in endings else None
    if label is not None and not images:
        raise UsageError(f"{name}.cls has no image right beside it: make the shard with tar --sort=name.")
    if images:
        text = NO_CLASS if label is None else label.read(LONGEST).decode("utf-8", "backslashreplace").strip()
        yield Sample(images[0].offset_data, images[0].size, _sum(tar, images[0]), text)


def _sum(tar: tarfile.TarFile, image: tarfile.TarInfo) -> int:
    file = tar.extractfile(image)
    assert file is not None  # of a regular file
    file.seek(0 if PurePosixPath(image.name).suffix.lower() in RAW else max(0, image.size - END))
    return mark(chain([image.size.to_bytes(8, "little")], iter(partial(file.read, BLOCK), b"")))


def _classes(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the classes (N,) in natural order: numbers stand for themselves, names for their place."""
    present, inverse = np.unique(labels, return_inverse=True)
    if present.tolist() == [NO_CLASS]:
        return np.zeros(len(labels), np.int64), np.array([], str)
    if NO_CLASS in present:
        raise UsageError(f"{(labels == NO_CLASS).sum()} of {len(labels)} images in the shards have no .cls: add them.")
    if all(name.isdecimal() for name in present):
        numbers = present.astype(np.int64)
        if numbers.max() >= len(labels):
            raise UsageError(
                f"classes are numbered from 0, and those of {len(labels):,} images in the shards go up to "
                f"{numbers.max():,}: number them anew."
            )
        return numbers[inverse], np.arange(numbers.max() + 1).astype(str)
    names = natural(present.tolist())
    return np.array([names.index(name) for name in present], np.int64)[inverse], np.array(names)
