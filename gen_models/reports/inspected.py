"""A data set on one screen and one contact sheet, before anything is trained on it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from gen_models.data.inspection import InspectedFile, inspected_files
from gen_models.data.interface import HasFiles, LeavesOut, gathered, picked
from gen_models.data.listing import told
from gen_models.data.source import Source, Splits
from gen_models.media.pictures import grid, save_picture

NAMED = 20
"""Classes and rejected files that are listed, at most."""


def inspected(source: Source) -> Iterator[str]:
    """Write what a data set is made of, line by line: its files first, if it has any, then what is made of them.

    Raises:
        UsageError: It can't serve; its files have been described by then.
    """
    if isinstance(source, LeavesOut) and (left_out := source.left_out()):
        yield _line("left out", told(left_out))
    if isinstance(source, HasFiles):
        found = list(inspected_files(source.files()))
        good = [file for file in found if not file.reason]
        yield from _files(good, len(found))
        yield from _rejects([file for file in found if file.reason])
        yield from _enlarged(good, min(source.shape[1:]))
    yield from _items(source)


def sheet(source: Source, n: int, seed: int, out: Path) -> str:
    """Write a picture of training items that are picked by `seed`, and say where."""
    x, _ = gathered(source.reference, picked(source.reference, n, seed))
    save_picture(grid(x), out)
    return _line("sheet", f"{out}: {len(x)} of the training items")


def _files(good: Sequence[InspectedFile], total: int) -> Iterator[str]:
    yield _line("files", f"{len(good):,} of {total:,} can be read")
    headers = [file.header for file in good if file.header is not None]
    if headers:
        sizes = sorted((header.size for header in headers), key=lambda size: size[0] * size[1])
        least, median, most = (f"{w:,} × {h:,}" for w, h in (sizes[0], sizes[len(sizes) // 2], sizes[-1]))
        yield _line("sizes", f"{least} to {most}, median {median} (width × height, by area)")
        yield _line("formats", told(Counter(header.form or "none" for header in headers)))
        yield _line("modes", told(Counter(header.mode or "none" for header in headers)))


def _rejects(bad: Sequence[InspectedFile]) -> Iterator[str]:
    for position, file in enumerate(bad[:NAMED]):
        yield _line("" if position else "rejects", f"{file.path} ({file.reason})")
    if bad[NAMED:]:
        yield _line("", f"and {len(bad) - NAMED:,} others")


def _enlarged(good: Sequence[InspectedFile], side: int) -> Iterator[str]:
    """How many pictures are smaller than what is made of them."""
    if small := sum(file.header is not None and min(file.header.size) < side for file in good):
        yield _line("small", f"{small:,} of them, with less than {side} pixels on their shorter side")


def _items(source: Source) -> Iterator[str]:
    train, names, shape = source.splits.train, source.class_names, " × ".join(map(str, source.shape))
    held = f"{source.num_validation:,} to choose by, {source.num_test:,} to report on"
    yield _line("items", f"{len(train):,} to train on, {held}, each {shape}")
    levels = "points" if source.levels is None else f"{source.levels} levels"
    yield _line("values", levels)
    if names:
        counts = np.bincount(train.classes, minlength=len(names))
        yield _line("classes", _classes(names, counts))
    yield _line("repeated", _repeated(source.splits))


def _repeated(splits: Splits) -> str:
    """How many training items equal an earlier one, and how many of those held out equal one, pixel for pixel."""
    train = np.unique(marks := splits.train.marks())
    parts = {"to choose by": splits.validation, "to report on": splits.test}
    shared = {name: np.isin(part.marks(), train).sum() for name, part in parts.items() if part is not None}
    if len(train) == len(marks) and not any(shared.values()):
        return "no training item, and none of those held out is among them"
    held = " and ".join(f"{count:,} {name}" for name, count in shared.items())
    return f"{len(marks) - len(train):,} training items equal an earlier one, and {held} equal one of them"


def _classes(names: Sequence[str], counts: np.ndarray) -> str:
    listed = " · ".join(f"{name} {count:,}" for name, count in zip(names[:NAMED], counts, strict=False))
    if len(names) > NAMED:
        rest = counts[NAMED:]
        listed += f" · and {len(rest):,} others of {rest.min():,} to {rest.max():,} items"
    return f"{len(names):,}: {listed}"


def _line(label: str, text: str) -> str:
    return f"{label:11}{text}"
