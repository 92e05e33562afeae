"""Pictures that somebody brings to the page: in memory, and the newest only."""

from collections import OrderedDict
from itertools import count
from typing import NamedTuple, final

from gen_models.errors import UsageError

KEPT = 8


class Upload(NamedTuple):
    """A picture that was brought: the name of its file, and what it holds."""

    name: str
    content: bytes


@final
class Uploads:
    """What was brought, by number."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Upload] = OrderedDict()
        self._numbers = count(1)

    def keep(self, upload: Upload) -> int:
        """Keep a picture, in the place of the oldest if there are many, and give its number."""
        self._kept[number := next(self._numbers)] = upload
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return number

    def get(self, number: int) -> Upload:
        """Give a picture that was brought.

        Raises:
            UsageError: It was brought long ago.
        """
        if number not in self._kept:
            raise UsageError("that picture is not kept any longer: bring it again.")
        return self._kept[number]
