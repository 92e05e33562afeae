"""Figures as files."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gen_models.files import read_json, write_json
from gen_models.metrics.record import Record

log = logging.getLogger(__name__)


def write_records(records: Sequence[Record], path: Path) -> Path:
    """Write records with their protocols as JSON, in a folder that need not exist yet."""
    write_json(path, [record.to_dict() for record in records])
    return path


def read_records(path: Path) -> list[Record]:
    """The records of a file; none where there is no such file, or a damaged one; what is no record is passed over."""
    records, others = parsed(read_json(path))
    if others:
        log.warning("%s holds %d entries that are no figures of this version; they are passed over.", path, len(others))
    return records


def add_records(records: Sequence[Record], path: Path) -> Path:
    """Write records in the place of former ones that they replace, else behind them; figures of later versions stay."""
    former, others = parsed(read_json(path))
    write_json(path, [*(record.to_dict() for record in merged(records, former)), *others])
    return path


def parsed(content: Any) -> tuple[list[Record], list[Any]]:
    """Records of a list of plain values, and the entries that are none: of a later version, or of another hand."""
    records, others = [], []
    for values in content if isinstance(content, list) else ():
        try:
            records.append(_sound(Record.from_dict(values)))
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            others.append(values)
    return records, others


def _sound(record: Record) -> Record:
    """The record itself; a TypeError where a field is not of its kind."""
    tables = (record.protocol, record.found, record.way, record.parts)
    if not (isinstance(record.metric, str) and all(isinstance(table, dict) for table in tables)):
        raise TypeError(record)
    return record


def merged(records: Sequence[Record], former: Sequence[Record]) -> list[Record]:
    """Former records, each replaced by one of the same figure, protocol and way if there is one; behind them the rest.

    So what a run was judged by first stays first: boards rank by it.
    """
    kept = [next((record for record in records if _alike(record, other)), other) for other in former]
    return [*kept, *(record for record in records if not any(_alike(record, other) for other in former))]


def _alike(first: Record, second: Record) -> bool:
    return (first.label, first.protocol, first.way) == (second.label, second.protocol, second.way)
