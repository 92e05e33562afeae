"""Options of the data loader, which every data set takes and passes on to `Source` unread."""

from typing import Annotated, TypedDict

from gen_models.beside import Within
from gen_models.bounds import Fraction, Natural, Positive


class Loading(TypedDict, total=False):
    """Options of the data loader: how many training items are seen, and how they are batched.

    Attributes:
        batch_size: Items per turn, over all ranks.
        workers: Loader processes.
        limit: Keep the first `limit` training items.
        labelled: Training items that keep their class, as many of each; the others' is -1. None hides no class.
        share: Share of those with a class in the training items seen, where `labelled` is given.
    """

    batch_size: Positive
    workers: Natural
    limit: Positive | None
    labelled: Positive | None
    share: Annotated[Fraction, Within("labelled")]


class ImageLoading(Loading, total=False):
    """Options of the data loader for images.

    Attributes:
        flip: Whether the harness mirrors training images left-right at random.
    """

    flip: bool
