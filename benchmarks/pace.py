"""A worker's side of a race: play as many turns as the referee asks for, and answer with the time that they took.

A worker may live in a peer's environment, so that this file knows the standard library only, but for a worker that
computes on CUDA. What counts on a processor is the time that this process had of it, whatever else the machine does.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from time import process_time
from typing import Any, NoReturn


class Pace:
    """Plays turns for a referee, who writes a number of them in a line of standard input.

    Args:
        worth: Units of work in a turn, where sides do not do the same in one: rows of a picture, of its 28.
        clock: Seconds; those of the processor in this process unless told otherwise.
        facts: What the page says of this side: versions of libraries.
    """

    def __init__(self, worth: float = 1.0, clock: Callable[[], float] = process_time, **facts: str) -> None:
        self._answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)  # what libraries print would be taken for answers
        self._worth, self._clock = worth, clock
        self._facts, self._left, self._began = facts, 0, 0.0

    def turn(self) -> None:
        """Begin a turn, and so end the one before: answer and wait, if that was the last one asked for."""
        self._left -= 1
        if self._left > 0:
            return
        asked = self._left == 0
        self._answer({"seconds": (self._clock() - self._began) / self._worth} if asked else self._facts)
        line = sys.stdin.readline()
        if not line.strip():
            leave()
        self._left, self._began = int(line), self._clock()

    def __iter__(self) -> Iterator[None]:
        """Turns without end."""
        while True:
            self.turn()
            yield

    def through(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Give the batches of a loader again and again, one a turn."""
        while True:
            for batch in batches:
                self.turn()
                yield batch

    def _answer(self, answer: dict[str, Any]) -> None:
        print(json.dumps(answer), file=self._answers, flush=True)


def leave() -> NoReturn:
    """End the process in the middle of its training, without the files that trainers write at the end."""
    os._exit(0)


class PacedLoader:
    """A loader for trainers that bring a loop of their own: each batch begins a turn, and no epoch ends.

    Args:
        pace: What begins turns.
        loader: A DataLoader.
    """

    def __init__(self, pace: Pace, loader: Any) -> None:
        self.pace, self.loader = pace, loader
        self.batch_size, self.dataset = loader.batch_size, loader.dataset

    def __iter__(self) -> Iterator[Any]:
        return self.pace.through(self.loader)

    def __len__(self) -> int:
        return len(self.loader)
