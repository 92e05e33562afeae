"""Figures as files."""

import json
from collections.abc import Sequence
from pathlib import Path

from gen_models.metrics.record import Record


def write_records(records: Sequence[Record], path: Path) -> Path:
    """Write records with their protocols as JSON, in a folder that need not exist yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([record.to_dict() for record in records], indent=1))
    return path
