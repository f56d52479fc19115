"""Records as JSON that somebody changed, and what is made of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from records.models import Operation
from records.transfer.records_in import Imported, import_file

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def back(data: dict[str, Any], tmp_path: Path, **options: Any) -> Imported:
    """The record that JSON ``data`` makes. What stands there by that ID makes room first: an ID is taken once."""
    Operation.objects.update(operation_id=None)
    path = tmp_path / "record.json"
    path.write_text(json.dumps(data))
    return import_file(path, at=NOW, **options)


def leaf(data: dict[str, Any], type_: str) -> dict[str, Any]:
    """The first part of the document of that type."""
    return next(parts(data, type_))


def parts(data: dict[str, Any], type_: str) -> Iterator[dict[str, Any]]:
    """All parts of the document of that type."""
    waiting: list[Any] = [data["document"]]
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, dict):
            if value.get("type") == type_:
                yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
