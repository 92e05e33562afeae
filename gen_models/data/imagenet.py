"""ImageNet (ILSVRC 2012): 1,281,167 photographs of 1,000 things, as it is shipped.

Russakovsky et al. 2015: https://arxiv.org/abs/1409.0575
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack, cast, final

import numpy as np

from gen_models.bounds import Fraction, Positive, Share
from gen_models.data.folder import Folder
from gen_models.data.held_out import check_fractions, picked_out, where_set
from gen_models.data.images import Fit
from gen_models.data.items import ArrayItems
from gen_models.data.label_files import column, found
from gen_models.data.loading import ImageLoading
from gen_models.data.reader import White
from gen_models.data.source import Source, Splits
from gen_models.data.sums import short_id
from gen_models.errors import UsageError

LAYOUTS = ("", "Data/CLS-LOC", "ILSVRC/Data/CLS-LOC")
ANSWERS = ("LOC_val_solution.csv",)
WORDS = ("LOC_synset_mapping.txt", "words.txt")


@final
class ImageNet(Source):
    """ImageNet: `train` with a folder for each synset, and `val`, whose 50,000 images are held out.

    `val` has either the same folders, or all images in one and LOC_val_solution.csv above it, as on Kaggle. Classes are
    called by their first word where LOC_synset_mapping.txt is there, and by their synset (n01440764) otherwise.

    Args:
        root: The folder that holds `train` and `val`, or `ILSVRC/Data/CLS-LOC/train` and so on.
        size: Height and width of the squares.
        fit: "crop" to the central square, or "pad" with white.
        grey: One channel instead of three.
        white: The value of white in images of more than 8 bits.
        validation_fraction: Share of the training images that is held out to choose by.
        max_bad: Share of the files that may be unreadable.
        cache: Directory of the stores.
        loading: See `ImageLoading`.

    Raises:
        UsageError: At once for a wrong setting; when loading, for files that can't serve.
    """

    def __init__(
        self,
        root: str,
        size: Positive = 128,
        fit: Fit = "crop",
        grey: bool = False,
        white: White = "auto",
        validation_fraction: Fraction = 0.0,
        max_bad: Share = 0.01,
        cache: str = ".cache",
        **loading: Unpack[ImageLoading],
    ) -> None:
        super().__init__(**loading)
        check_fractions(0, validation_fraction)
        self.root, self.validation_fraction = Path(root).expanduser().absolute(), validation_fraction
        base = next((self.root / way for way in LAYOUTS if (self.root / way / "train").is_dir()), self.root)
        settings: dict[str, Any] = {"fit": fit, "grey": grey, "white": white, "max_bad": max_bad, "cache": cache}
        self._train = Folder(str(base / "train"), size, classes=True, test_fraction=0, **settings)
        self._val = Folder(str(base / "val"), size, classes=False, test_fraction=0, **settings)

    @property
    def ingredients(self) -> Mapping[str, Any]:
        """Both folders, and the classes of the images of `val`, which a table may say."""
        answers = short_id(self.splits.test.classes.tobytes())
        return {"train": self._train.ingredients, "val": self._val.ingredients, "answers": answers, **self._held}

    @property
    def former(self) -> Mapping[str, Any]:
        """Both folders by their places, and by their files' sizes and times."""
        return {"train": self._train.contents, "val": self._val.contents, **self._held}

    @property
    def unread(self) -> Mapping[str, str]:
        """What is without effect on the images of both folders."""
        of_val = self._val.unread
        return {name: reason for name, reason in self._train.unread.items() if name in of_val}

    @property
    def _held(self) -> Mapping[str, Any]:
        return where_set(validation_fraction=self.validation_fraction)

    def load(self) -> Splits:
        """Open both stores."""
        synsets, words = self._train.class_names, self._words
        y = np.array([synsets.index(synset) for synset in self._answers()], np.int64)
        names = tuple(words.get(synset, synset) for synset in synsets)
        whole, test = cast(ArrayItems, self._train.splits.train), ArrayItems(self._val.store.images, y)
        train, validation = picked_out(whole, self.validation_fraction, f"images in {self._train.root}")
        return Splits(train, test, names, validation)

    def files(self) -> list[Path]:
        """All image files of both folders, readable or not."""
        return [*self._train.files(), *self._val.files()]

    def left_out(self) -> Mapping[str, int]:
        """What lies in both folders and is no image file, by kind."""
        return self._train.left_out() + self._val.left_out()

    def _answers(self) -> Iterator[str]:
        """The synset of each image of `val` in the order of its store.

        Raises:
            UsageError: Of one it is not known.
        """
        path = found(ANSWERS, self._places)
        told = {} if path is None else column(path)
        for stored in self._val.stored:
            synset = Path(stored).parts[0] if "/" in stored else told.get(Path(stored).stem, "").split(" ")[0]
            if synset not in self._train.class_names:
                raise UsageError(
                    f"of {self._val.root / stored} the class is not known: put {ANSWERS[0]} into {self.root}, or the "
                    "images of val into folders as those of train."
                )
            yield synset

    @cached_property
    def _words(self) -> Mapping[str, str]:
        """The first word for each synset that no other one has too."""
        path = found(WORDS, self._places)
        lines = [] if path is None else path.read_text("utf-8", "replace").splitlines()
        entries = (line.split(maxsplit=1) for line in lines if len(line.split()) > 1)
        words = {synset: names.split(",")[0].strip() for synset, names in entries}
        known = {synset: words[synset] for synset in self._train.class_names if synset in words}
        counts = Counter(known.values())
        return {synset: word for synset, word in known.items() if counts[word] == 1}

    @property
    def _places(self) -> list[Path]:
        return [self.root, self._val.root.parent, self._val.root]
