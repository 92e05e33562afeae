"""Speech: any folder of wave or FLAC files, of one speaker or with a subfolder for each.

WaveNet's input (van den Oord et al. 2016): https://arxiv.org/abs/1609.03499
"""

import logging
from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, Unpack, final

import numpy as np

from gen_models.bounds import Fraction, Positive, Share
from gen_models.data.held_out import check_fractions, held_out, where_set
from gen_models.data.items import ArrayItems
from gen_models.data.listing import File, Found, by_hash, listed, natural, printable, told
from gen_models.data.loading import Loading
from gen_models.data.parallel import in_parallel
from gen_models.data.source import Source, Splits
from gen_models.data.sums import content, sum_of
from gen_models.data.waves import BadWave, companded, sound, windows
from gen_models.errors import UsageError

log = logging.getLogger(__name__)

ENDINGS = (".wav", ".flac")


@final
class Speech(Source):
    """Windows (1, length) of sound in 256 levels of the µ-law; held-out windows come from files of their own.

    Args:
        root: The folder.
        length: Samples in a window; what is left at the end of a file is dropped.
        rate: Samples a second; files with more are brought down to it.
        silence: Windows whose root mean square lies below this share of full scale are dropped.
        label: "folder" makes each subfolder a class, such as a speaker.
        test_fraction: Share of the files that is held out to report on, by a shuffle keyed with `seed`; 0: none.
        validation_fraction: Share of the files that is held out to choose by; 0: none.
        seed: Of the shuffle.
        max_bad: Share of the files that may be unreadable.
        loading: See `Loading`.

    Raises:
        UsageError: At once for a wrong setting; when loading, for a folder that cannot serve.
    """

    def __init__(
        self,
        root: str,
        length: Positive = 2048,
        rate: Positive = 8000,
        silence: Share = 0.01,
        label: Literal["folder"] | None = None,
        test_fraction: Fraction = 0.1,
        validation_fraction: Fraction = 0.0,
        seed: int = 0,
        max_bad: Share = 0.01,
        **loading: Unpack[Loading],
    ) -> None:
        super().__init__(**loading)
        if label not in ("folder", None):
            raise UsageError(f"data.label={label} is not known: choose folder, or null for no classes.")
        check_fractions(test_fraction, validation_fraction)
        self.root, self.length, self.rate, self.silence = Path(root).expanduser().absolute(), length, rate, silence
        self.label, self.seed, self.max_bad = label, seed, max_bad
        self.test_fraction, self.validation_fraction = test_fraction, validation_fraction

    @cached_property
    def _found(self) -> Found:
        return listed(self.root, ENDINGS, "sound files")

    @cached_property
    def _files(self) -> list[File]:
        return by_hash(self._found.files, self.seed)

    def left_out(self) -> Mapping[str, int]:
        """What lies in the folder and is no sound file, by kind."""
        return self._found.left_out

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """All settings, and what the files hold."""
        return {**self._settings, "content": self._heard[1]}

    @property
    def former(self) -> Mapping[str, Any]:
        """The same by the files' sizes and times."""
        return {**self._settings, "files": [(file.path, file.size, file.mtime) for file in self._files]}

    @property
    def _settings(self) -> Mapping[str, Any]:
        cut = {"length": self.length, "rate": self.rate, "silence": self.silence, "label": self.label}
        split = {"test_fraction": self.test_fraction, "seed": self.seed, "max_bad": self.max_bad}
        return {**cut, **split, **where_set(validation_fraction=self.validation_fraction)}

    def load(self) -> Splits:
        """Read all files, and hold out the last that have windows: some to choose by, then some to report on."""
        return self._heard[0]

    @cached_property
    def _heard(self) -> tuple[Splits, str]:
        """The windows, and what the files hold, of which one reading tells both."""
        files, cuts, held = self._read()
        names = natural({printable(file.parent) for file in files}) if self.label else []
        if "" in names:
            raise UsageError(f"{self.root} has sound files in no subfolder and so in no class: set data.label=null.")
        y = [names.index(printable(file.parent)) if names else 0 for file in files]
        items = ArrayItems(np.concatenate(cuts)[:, None], np.repeat(y, [len(cut) for cut in cuts]))
        train, validation, test = items.split(*self._windows([len(cut) for cut in cuts]))
        return Splits(train, test, tuple(names), validation), held

    def _windows(self, sizes: list[int]) -> tuple[int, int]:
        """Windows to train on and to choose by, of files with so many: what is held out are whole files."""
        what = f"sound files with windows in {self.root}"
        validation, test = held_out(len(sizes), self.validation_fraction, self.test_fraction, what)
        kept = len(sizes) - validation - test
        return sum(sizes[:kept]), sum(sizes[kept : kept + validation])

    def _read(self) -> tuple[list[File], list[np.ndarray], str]:
        """The files that have windows, the windows (N, length) of each in uint8, and what all files hold."""
        read = partial(_attempt, self.root, self.length, self.rate, self.silence)
        if self.left_out():
            log.warning("%s: left out: %s.", self.root, told(self.left_out()))
        found = list(in_parallel(read, self._files, f"reading {self.root.name}", processes=False))
        held = content({file.path: one for file, (one, _) in zip(self._files, found, strict=True)})
        cuts = [(file, cut) for file, (_, cut) in zip(self._files, found, strict=True)]
        self._tolerate([f"{printable(file.path)} ({cut})" for file, cut in cuts if isinstance(cut, str)])
        kept = [(file, cut) for file, cut in cuts if not isinstance(cut, str) and len(cut)]
        if not kept:
            raise UsageError(
                f"No file in {self.root} has a window of {self.length} samples that is no silence: lower data.length, "
                "or data.silence."
            )
        return [file for file, _ in kept], [cut for _, cut in kept], held

    def _tolerate(self, bad: list[str]) -> None:
        total, first = len(self._files), "; ".join(bad[:5])
        if len(bad) > self.max_bad * total:
            raise UsageError(
                f"More than {self.max_bad:.2%} of the {total} sound files in {self.root} cannot be read, among them "
                f"{first}; repair or remove them, or allow more: data.max_bad=…"
            )
        if bad:
            log.warning("%d of %d files in %s skipped: %s.", len(bad), total, self.root, first)


def _attempt(root: Path, length: int, rate: int, silence: float, file: File) -> tuple[bytes, np.ndarray | str]:
    """The file's sum, and the windows or the reason why there are none."""
    path = root / file.path
    try:
        return sum_of(path), companded(windows(sound(path, rate), length, silence))
    except BadWave as reason:
        return sum_of(path), str(reason)
