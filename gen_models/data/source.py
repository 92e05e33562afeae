"""What every data set offers: items to train on, to choose by and to report on, class names and a fingerprint."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from inspect import signature
from typing import Any, NamedTuple

from gen_models.bounds import Fraction, Natural, Positive
from gen_models.data.interface import Items, Split
from gen_models.data.items import Stored
from gen_models.data.labelled import LabelledItems
from gen_models.data.sums import short_id
from gen_models.errors import UsageError, visible


class Splits(NamedTuple):
    """A loaded data set.

    Attributes:
        train: Items to learn from.
        test: Items to report on.
        class_names: In the order of y; () where there are none.
        validation: Items to choose by; None where the set has no such part.
        grey: The items to learn from before their pixels were drawn black or white, where that is done anew in every
            turn; None elsewhere.
    """

    train: Stored
    test: Stored
    class_names: tuple[str, ...] = ()
    validation: Stored | None = None
    grey: Stored | None = None


class Source(ABC):
    """A data set, opened (and built where that is needed) when its items are first asked for.

    Arguments: see `ImageLoading`.

    Raises:
        UsageError: If a number is out of range.
    """

    def __init__(
        self,
        batch_size: Positive = 64,
        flip: bool = False,
        workers: Natural = 0,
        limit: Positive | None = None,
        labelled: Positive | None = None,
        share: Fraction = 0.5,
    ) -> None:
        self.batch_size, self.flip, self.workers, self.limit = batch_size, flip, workers, limit
        self.labelled, self.share = labelled, share

    @abstractmethod
    def load(self) -> Splits:
        """Open the whole data set, before `limit`."""

    @property
    @abstractmethod
    def ingredients(self) -> Mapping[str, Any]:
        """All that the items depend on, as JSON values: of files names and contents, and not when they changed."""

    @property
    def former(self) -> Mapping[str, Any] | None:
        """The ingredients by which earlier versions knew the same items; None where they are those of today."""
        return None

    @property
    def class_ingredients(self) -> Mapping[str, Any]:
        """What the classes depend on where the items don't, as a table beside them: judges of items need not know."""
        return {}

    @property
    def unread(self) -> Mapping[str, str]:
        """Options that are set and without effect on these items, with the reason, as a half sentence."""
        return {}

    @cached_property
    def splits(self) -> Splits:
        """The data set after `limit`; loaded once."""
        loaded = self.load()
        grey = None if loaded.grey is None else loaded.grey.head(self.limit)
        return loaded._replace(train=loaded.train.head(self.limit), grey=grey)

    @cached_property
    def train(self) -> Items:
        """The training items as the stream takes them: of hidden class but for the `labelled`, grey where `redrawn`."""
        items = self.splits.train if self.splits.grey is None else self.splits.grey
        if self.labelled is None:
            return items
        if not self.class_names:
            raise UsageError(f"data.labelled={self.labelled} needs data with classes: leave it out.")
        return LabelledItems(items, self.labelled, self.share)

    @property
    def redrawn(self) -> bool:
        """Whether the stream draws the pixels of training items black or white anew in every turn."""
        return self.splits.grey is not None

    @property
    def reference(self) -> Items:
        """The training items with all their classes and without repetitions, for whoever judges a model."""
        return self.splits.train

    @property
    def validation(self) -> Items:
        """The held-out items that one chooses by: none where the set has no such part."""
        return self.splits.train.head(0) if self.splits.validation is None else self.splits.validation

    @property
    def test(self) -> Items:
        """The held-out items that one reports on."""
        return self.splits.test

    @property
    def validation_options(self) -> str:
        """The options that hold out items to choose by, in words; "" where the set has none."""
        names = signature(type(self)).parameters
        return " or ".join(f"data.{name}" for name in names if name.startswith("validation_"))

    def part(self, split: Split) -> Items:
        """The items of a split, with all their classes."""
        return {"train": self.reference, "validation": self.validation, "test": self.test}[split]

    @property
    def watched(self) -> Items:
        """What is looked at while a model is trained: validation items, or the test items where there are none."""
        return self.part(self.held_out("validation"))

    def held_out(self, wanted: Split) -> Split:
        """The held-out split to look at: the one that is wanted, or the other where that has no items."""
        count = {"validation": self.num_validation, "test": self.num_test}
        other: Split = "test" if wanted == "validation" else "validation"
        return other if count[other] and not count[wanted] else wanted

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes in the order of y; () where there are none. A stranger's command no terminal."""
        return tuple(map(visible, self.splits.class_names))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one item: (C, H, W) or (D,)."""
        x, _ = self.train.gather([0])
        return tuple(x.shape[1:])

    @property
    def num_train(self) -> int:
        """Training items, with the repetitions of those that are labelled."""
        return len(self.train)

    @property
    def num_validation(self) -> int:
        """Held-out items that one chooses by."""
        return len(self.validation)

    @property
    def num_test(self) -> int:
        """Held-out items that one reports on."""
        return len(self.test)

    @cached_property
    def spec(self) -> dict[str, Any]:
        """What models and metrics are built for: shape, levels of a pixel, classes by name, numbers of items.

        Where only some items are labelled, no model can be told the class: then `num_classes` is 0, and `num_labels`
        says how many there are to guess.
        """
        names = list(self.class_names)
        count = {"num_classes": len(names)} if self.labelled is None else {"num_classes": 0, "num_labels": len(names)}
        items = {"num_train": self.num_train, "num_validation": self.num_validation, "num_test": self.num_test}
        return {"shape": list(self.shape), "levels": self.levels, **count, "class_names": names, **items}

    @property
    def levels(self) -> int | None:
        """Equally spaced values that a pixel can have; None for points."""
        return 256

    @property
    def fingerprint(self) -> str:
        """A short id of the items and their preprocessing, whatever are their classes; stable between runs."""
        return digest(self._described(self.ingredients))

    @property
    def identity(self) -> str:
        """A short id of the items and their classes, without where they lie: it stays when they are moved."""
        return self._identified({**self.ingredients, **self.class_ingredients})

    @property
    def former_identities(self) -> set[str]:
        """Other identities that runs of earlier versions hold for the same items: all without their classes."""
        known = {self.items_identity, self.former_items_identity or self.identity}
        return known - {self.identity}

    @property
    def items_identity(self) -> str:
        """The identity without the classes."""
        return self._identified(self.ingredients)

    @property
    def former_items_identity(self) -> str | None:
        """The same as earlier versions had it; None where it was as it is today."""
        return None if self.former is None else self._identified(self.former)

    def _identified(self, ingredients: Mapping[str, Any]) -> str:
        return digest(self._described({name: value for name, value in ingredients.items() if name != "root"}))

    def _described(self, ingredients: Mapping[str, Any]) -> dict[str, Any]:
        hidden = {} if self.labelled is None else {"labelled": self.labelled, "share": self.share}
        return {"source": type(self).__name__, **ingredients, "limit": self.limit, **hidden}


def digest(ingredients: Mapping[str, Any]) -> str:
    """Sixteen hexadecimal digits of a mapping of JSON values."""
    return short_id(json.dumps(ingredients, sort_keys=True).encode())
