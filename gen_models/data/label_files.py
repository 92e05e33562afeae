"""Label files beside images: tables of file names and what is known of them, as public sets are shipped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gen_models.errors import UsageError


def found(names: Iterable[str], folders: Sequence[Path]) -> Path | None:
    """Give the first file of one of these names in one of these folders; None where there is none."""
    paths = (folder / name for folder in folders for name in names)
    return next((path for path in paths if path.is_file()), None)


def rows(path: Path) -> Iterator[list[str]]:
    """Read the rows of a table whose cells stand between commas, if there are any, or blanks.

    Raises:
        UsageError: It can't be read as text.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can't be read as a table of labels ({error}); replace it.") from error
    for line in lines:
        if line.strip():
            yield [cell.strip() for cell in line.split(",")] if "," in line else line.split()


def column(path: Path) -> dict[str, str]:
    """Give what a table says in its second column, by the file names that begin its rows, whose endings don't count.

    Raises:
        UsageError: A row is too short.
    """
    values = {}
    for row in rows(path):
        if len(row) < 2:
            raise UsageError(f"{path} has a row of {len(row)} cells, '{' '.join(row)[:50]}': replace the file.")
        values[Path(row[0]).stem] = row[1]
    return values


def attributes(path: Path) -> tuple[list[str], Mapping[str, list[str]]]:
    """Read a table of attributes, as of CelebA: their names, and by file name whether each is there (1) or not (-1).

    A first row of one number (how many files there are) is passed over; the row after it has the names, with or
    without a word for the file names before them.

    Raises:
        UsageError: Rows differ in length, or there are none.
    """
    table = list(rows(path)) or [[]]
    header, *rest = table[1:] if len(table) > 1 and len(table[0]) == 1 and table[0][0].isdecimal() else table
    wide = len(rest[0]) if rest else 0
    if wide < 2 or len(header) not in (wide, wide - 1) or any(len(row) != wide for row in rest):
        raise UsageError(f"{path} is no table of attributes, with their names and then a row for each file.")
    return header[-(wide - 1) :], {Path(row[0]).stem: row[1:] for row in rest}
