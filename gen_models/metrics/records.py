"""Figures as files."""

from collections.abc import Sequence
from pathlib import Path

from gen_models.files import read_json, write_json
from gen_models.metrics.record import Record


def write_records(records: Sequence[Record], path: Path) -> Path:
    """Write records with their protocols as JSON, in a folder that need not exist yet."""
    write_json(path, [record.to_dict() for record in records])
    return path


def read_records(path: Path) -> list[Record]:
    """The records of a file; none where there is no such file, or a damaged one."""
    content = read_json(path)
    return [Record.from_dict(values) for values in content] if isinstance(content, list) else []


def add_records(records: Sequence[Record], path: Path) -> Path:
    """Write records, and behind them those of the file that they do not replace."""
    return write_records(merged(records, read_records(path)), path)


def merged(records: Sequence[Record], former: Sequence[Record]) -> list[Record]:
    """Records, and behind them former ones that they do not replace: of other figures, protocols or ways."""
    taken = [(record.label, record.protocol, record.way) for record in records]
    return [*records, *(other for other in former if (other.label, other.protocol, other.way) not in taken)]
