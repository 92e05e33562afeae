"""Samples that are drawn once, and handed out again to every further judge of them."""

from collections.abc import Callable
from hashlib import blake2b

from torch import Tensor

from gen_models.randomness import resume, states

ROOM = 2**31
"""Bytes of samples that are kept: 170,000 pictures of 32 x 32 in colour."""


class Held:
    """A memory of samples, of which no figure knows: who draws again what was drawn is given that.

    What is drawn is a function of who draws, of what is asked for and of the states of torch's generators, and these
    are the keys of the memory; the generators go on as if it had been drawn.

    Args:
        room: The most bytes that are kept; what is beyond is drawn anew.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._kept: dict[bytes, tuple[Tensor, dict[str, Tensor]]] = {}

    def drawn(self, who: str, draw: Callable[[int, Tensor | None], Tensor], n: int, y: Tensor | None) -> Tensor:
        """Give n samples of the classes y (n,), or of none, as `draw` gives them; those of before are on the CPU.

        Args:
            who: Draws: what is kept of one name is no other's.
            draw: (n, y) -> (n, *shape), by torch's generators.
            n: How many.
            y: Their classes; None asks for none.
        """
        key = _key(who, n, y)
        if key in self._kept:
            x, after = self._kept[key]
            resume(after)
            return x
        x = draw(n, y)
        if x.nbytes <= self._room:
            self._room -= x.nbytes
            self._kept[key] = x.cpu(), states()
        return x


def _key(who: str, n: int, y: Tensor | None) -> bytes:
    asked = "none" if y is None else y.tolist()
    found = blake2b(f"{who}/{n}/{asked}".encode())
    for state in states().values():
        found.update(state.numpy().tobytes())
    return found.digest()
