"""How a trial breaks something in its child: a call of the project does something else, before or around itself."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from importlib import import_module
from itertools import count
from typing import Any

Around = Callable[..., AbstractContextManager[Any]]


def wrapped(place: str, around: Around, first: int = 1, last: int | None = None) -> None:
    """Put a context around some calls of a function.

    Args:
        place: `module:function`, or `module:Class.method`.
        around: Makes the context of a call, and is given its arguments.
        first: The first call to be wrapped, counted from 1.
        last: The last one; None wraps all that follow.
    """
    owner, name = owner_of(place)
    original, numbers = getattr(owner, name), count(1)

    @wraps(original)
    def call(*args: Any, **options: Any) -> Any:
        number = next(numbers)
        if number < first or (last is not None and number > last):
            return original(*args, **options)
        with around(*args, **options):
            return original(*args, **options)

    setattr(owner, name, call)


def changed(place: str, change: Callable[[Any], Any], number: int) -> None:
    """Change what one call of a function gives.

    Args:
        place: `module:function`, or `module:Class.method`.
        change: Is given what the call gives.
        number: Which call, counted from 1.
    """
    owner, name = owner_of(place)
    original, numbers = getattr(owner, name), count(1)

    @wraps(original)
    def call(*args: Any, **options: Any) -> Any:
        given = original(*args, **options)
        return change(given) if next(numbers) == number else given

    setattr(owner, name, call)


def owner_of(place: str) -> tuple[Any, str]:
    """The module or class that a function is an attribute of, and its name there."""
    module, _, path = place.partition(":")
    *classes, name = path.split(".")
    owner: Any = import_module(module)
    for each in classes:
        owner = getattr(owner, each)
    return owner, name


def full_disk(limit: int) -> Around:
    """A disk on which no file grows beyond `limit` bytes (EFBIG, which like ENOSPC comes from `write`)."""

    @contextmanager
    def around(*_: Any, **__: Any) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return around


def signalled(number: int) -> Around:
    """A signal that this process is sent as the call begins."""

    @contextmanager
    def around(*_: Any, **__: Any) -> Iterator[None]:
        os.kill(os.getpid(), number)
        yield

    return around


def preceded(act: Callable[..., Any]) -> Around:
    """Something that is done to the arguments of the call first."""

    @contextmanager
    def around(*args: Any, **options: Any) -> Iterator[None]:
        act(*args, **options)
        yield

    return around
