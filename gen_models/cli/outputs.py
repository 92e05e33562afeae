"""Where commands write: into the run's own folder unless they are told, and never over what is there unless told."""

import errno
import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gen_models.errors import UsageError, visible
from gen_models.files import inside

if TYPE_CHECKING:
    from rich.console import Console

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tiff", ".pdf")
FOLDER = "pictures"
"""Of a run directory, or where the command is typed: what commands draw."""
LARGEST = 2**28
"""Pixels of one picture, at most."""


def console(wide: int, *, markup: bool = True) -> "Console":
    """Give a console as wide as the terminal, or so wide where what is printed goes elsewhere."""
    from rich.console import Console

    terminal = typer.get_text_stream("stdout").isatty()
    return Console(width=None if terminal else wide, markup=markup, highlight=False)


def say(*lines: object, err: bool = False) -> None:
    """Print lines, in which names of strangers command no terminal; a path is one line."""
    for line in lines:
        typer.echo(visible(str(line), "" if isinstance(line, Path) else "\n\t"), err=err)


def written(*endings: str) -> Callable[[typer.CallbackParam, Any], Any]:
    """Give a callback that refuses files to write, one or several, before any work: by their endings and places.

    An ending of "" allows a folder.
    """

    def checked(param: typer.CallbackParam, value: Any) -> Any:
        option = param.opts[0]
        for path in [value] if isinstance(value, Path) else value or ():
            if path.suffix.lower() not in endings:
                kinds = " or ".join(ending or "nothing, for a folder" for ending in endings)
                raise UsageError(f"{option} {path} can't be written: its name must end in {kinds}.")
            check_place(path, option)
            if path.suffix and path.is_dir():
                raise UsageError(f"{option} {path} can't be written: it is a folder.")
        return value

    return checked


def there(value: Any) -> Any:
    """Refuse a file to read, or one of several, that is not there, before any work: a typer callback."""
    for path in [value] if isinstance(value, Path) else value or ():
        if not path.exists():
            raise UsageError(f"{path} cannot be read: {os.strerror(errno.ENOENT)}.")
    return value


Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there. Default names get a number.")]


def place(out: Path | None, default: Path, overwrite: bool, *beside: str) -> Path:
    """Decide which file a command writes, before any work.

    Args:
        out: As it was asked for.
        default: Where nothing was asked for; if it is there already, the next of its name with a number.
        overwrite: Take the place of what is there.
        beside: Endings, behind the name without its own, of files that are written with it.

    Raises:
        UsageError: What was asked for is there already, or the default can't be written.
    """
    if out is None:
        chosen = default if overwrite else next(path for path in _numbered(default) if not _taken(path, beside))
        check_place(chosen)
        return chosen
    if not overwrite and (taken := _taken(out, beside)):
        raise UsageError(f"{taken[0]} is there already: choose another --out, or say --overwrite.")
    return out


@dataclass(frozen=True)
class Picture:
    """Which picture a command writes: each field is an option of the command."""

    out: Annotated[
        Path | None,
        typer.Option(
            callback=written(*PICTURES),
            help=f"Picture to write, in the format of its ending; by default in {FOLDER} of the run.",
        ),
    ] = None
    overwrite: Overwrite = False

    def place(self, folder: Path, name: str, *beside: str) -> Path:
        """Decide which file it is, before any work: that of a folder by default (see `place`)."""
        default = Path(FOLDER, name) if folder == Path() else inside(folder, FOLDER, name)  # a run may be a stranger's
        return place(self.out, default, self.overwrite, *beside)


def check_size(count: int, shape: Sequence[int], scale: int = 1, instead: str = "") -> None:
    """Refuse one picture of more than memory and viewers take, before anything is drawn.

    Args:
        count: Samples or items that it shows.
        shape: Of each; what is no picture is plotted.
        scale: Times that each pixel is repeated.
        instead: What else could be chosen.

    Raises:
        UsageError: It would have too many pixels.
    """
    pixels = count * math.prod(shape[1:]) * scale**2
    if len(shape) == 3 and pixels > LARGEST:
        raise UsageError(
            f"one picture of {count:,} samples would have {pixels / 1e6:,.0f} megapixels: choose fewer"
            f"{f', or{instead}' if instead else ''}."
        )


def companion(path: Path, ending: str) -> Path:
    """A file that is written beside another: film.gif and -sheet.png give film-sheet.png."""
    return path.with_name(f"{path.stem}{ending}")


def _taken(path: Path, beside: Sequence[str]) -> list[Path]:
    """What is there of the files of one name; an empty folder is not."""
    wanted = [path, *(companion(path, ending) for ending in beside)]
    return [each for each in wanted if each.exists() and not (each.is_dir() and not any(each.iterdir()))]


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    yield from (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))


def check_place(path: Path, option: str = "--out") -> None:
    """Write a file without a name where a folder for this one is or can be made: permissions alone don't tell.

    Args:
        path: What is to be written.
        option: By which one says so.

    Raises:
        UsageError: It can't be written.
    """
    try:
        folder = next(parent for parent in path.absolute().parents if parent.exists())
        path.exists()  # whose name may be too long
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"{path} can't be written ({error.strerror}): choose a place for it by {option}.") from error
