"""Keys of what comes and goes, where fields are called like it: the fields keep theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import TypeVar

from records.document.matching import rekeyed
from records.document.outline import Answer, Block, Part, Row, Rows

Some = TypeVar("Some", Part, Block)


def apart_from_fields(found: Sequence[Some]) -> list[Some]:
    """Neighbours ``found``, of which whatever is no field, or stands in rows, has another key than any field."""
    taken = {one.key for one in found if isinstance(one, Answer)}
    if not taken:
        return list(found)
    others = {row.key for one in found for row in (one.rows if isinstance(one, Rows) else (one,))}

    def free(key: str) -> str:
        if key in taken:
            key = next(other for n in count(2) if (other := f"{key}~{n}") not in others)
            others.add(key)
        return key

    apart: list[Some] = []
    for one in found:
        if isinstance(one, Rows):
            rows: list[Row] = [rekeyed(row, free(row.key)) for row in one.rows]
            one = replace(one, rows=tuple(rows), order=tuple(row.key for row in rows))
        elif not isinstance(one, Answer):
            one = replace(one, key=free(one.key))
        apart.append(one)
    return apart
