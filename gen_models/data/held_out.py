"""How many items of a set are held out: some to choose by, some to report on."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from gen_models.data.items import ArrayItems
from gen_models.errors import UsageError


def check_fractions(test: float, validation: float) -> None:
    """Refuse what are no shares of a set.

    Raises:
        UsageError: One is negative, or they leave nothing to train on.
    """
    if test + validation >= 1:
        raise UsageError(
            f"data.test_fraction={test} and data.validation_fraction={validation} leave nothing to train on: lower one."
        )


def held_out(total: int, validation: float, test: float, what: str) -> tuple[int, int]:
    """Count the items to hold out for validation and for the test: at least one of any share above 0, and never all.

    Args:
        total: Items of the set.
        validation: The share to choose by.
        test: The share to report on.
        what: They are, for the message.

    Raises:
        UsageError: There are too few.
    """
    shares = {"data.validation_fraction": validation, "data.test_fraction": test}
    wanted = [name for name, share in shares.items() if share]
    if total < 1 + len(wanted):
        raise UsageError(
            f"There {'is' if total == 1 else 'are'} {total} {what}, and at least {1 + len(wanted)} are needed"
            f"{f', to train and to hold out: add some, or hold none out by {wanted[0]}=0' if total and wanted else ''}."
        )
    tested = min(max(round(total * test), 1), total - len(wanted)) if test else 0
    chosen = min(max(round(total * validation), 1), total - 1 - tested) if validation else 0
    return chosen, tested


def overruled(place: str, fractions: Mapping[Any, float], given: Mapping[Any, int]) -> dict[str, str]:
    """The shares, as options, that hold nothing out where a place brings items of that split, with the reason.

    Args:
        place: It is.
        fractions: The share of each split.
        given: How many items of each it brings.
    """
    own = [split for split, share in fractions.items() if share and given.get(split)]
    return {f"{split}_fraction": f"{place} has a {split} split of its own" for split in own}


def carved(items: ArrayItems, count: int) -> tuple[ArrayItems, ArrayItems]:
    """Split the last `count` items off a training set: what is left of it, and the items for validation.

    Raises:
        UsageError: Nothing would be left.
    """
    if count >= len(items):
        raise UsageError(
            f"data.validation_count={count} leaves none of {len(items)} items to train on: lower it, to 0 for none."
        )
    train, validation = items.split(len(items) - count)
    return train, validation


def picked_out(items: ArrayItems, fraction: float, what: str) -> tuple[ArrayItems, ArrayItems]:
    """Split a share of a training set off for validation, by a fixed shuffle: stored sets are often sorted by class.

    What is left, and what is split off, keep their order.
    """
    count, _ = held_out(len(items), fraction, 0, what)
    order = np.random.RandomState(0).permutation(len(items))  # whose stream numpy has frozen
    chosen, left = (np.asarray(items.rows)[np.sort(rows)] for rows in (order[:count], order[count:]))
    return ArrayItems(items.x, items.y, left), ArrayItems(items.x, items.y, chosen)


def shuffled(items: ArrayItems) -> ArrayItems:
    """The items in a fixed order of no meaning: stored sets are often sorted by class."""
    return ArrayItems(items.x, items.y, np.random.RandomState(0).permutation(np.asarray(items.rows)))


def where_set(**settings: Any) -> dict[str, Any]:
    """Those settings of a validation part that make one, for a fingerprint: without, it is as before there were any."""
    return {name: value for name, value in settings.items() if value}
