"""Rows and phases of a record under the keys of its template's: by title, then in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from records.document.leaves import (
    compared,
    in_unit,
    units_of,
)
from records.document.outline import (
    Item,
    Loose,
    Metric,
    Row,
    Rows,
)
from records.document.shapes import slug


def matched(
    found: Sequence[str],
    planned: Sequence[tuple[str, str]],
    fresh: Callable[[int], str],
    fit: Callable[[int, str], int] = lambda _at, _key: 0,
) -> list[str]:
    """Keys for ``found`` titles: those of ``planned`` (key, title) by title, then in order, then fresh ones.

    Where ``fit`` says how well the one found at a place is the planned one of a key, that goes before the order.
    """
    left = dict(planned)
    keys: list[str | None] = []
    for title in found:
        key = next((k for k, known in left.items() if slug(known) == slug(title)), None)
        if key:
            del left[key]
        keys.append(key)
    for key in list(left) if len(found) > len(planned) else []:
        # Some are new: who has a planned one's key is told by what fits it alone.
        fits = sorted(((fit(at, key), at) for at, own in enumerate(keys) if own is None), reverse=True)
        if fits and fits[0][0] > max([0, *(other for other, _ in fits[1:])]):
            keys[fits[0][1]] = key
            del left[key]
    rest, taken = list(left), {key for key in keys if key} | set(left)
    number = 0
    given: list[str] = []
    for at, key in enumerate(keys):
        if key is None and rest and len(found) <= len(planned):
            # The template's row at this very place, if nobody has it; else the next one left over.
            here = planned[at][0] if at < len(planned) else ""
            key = max(rest, key=lambda k: (fit(at, k), k == here))
            rest.remove(key)
        while key is None or (key not in taken and key in given):
            number += 1
            key = candidate if (candidate := fresh(number)) not in taken else None
            if key:
                taken.add(key)
                break
        given.append(key)
    return given


def known_rows(rows: Rows, planned: Rows | None) -> Rows:
    """``rows`` under the keys of the template's rows where they are the same ones."""
    rows = compared(rows, planned) if planned else rows
    known = [(row.key, row_title(row)) for row in planned.rows if not isinstance(row, Loose)] if planned else []
    plain = [row for row in rows.rows if not isinstance(row, Loose)]
    keys = iter(matched([row_title(row) for row in plain], known, lambda n: f"{rows.key}/row~{n}"))
    renamed: list[Row] = [row if isinstance(row, Loose) else rekeyed(row, next(keys)) for row in rows.rows]
    units = units_of(planned)
    renamed = [in_unit(row, units.get(row.name, "")) if isinstance(row, Metric) else row for row in renamed]
    return replace(rows, rows=tuple(renamed), order=tuple(row.key for row in renamed))


def row_title(row: Row) -> str:
    """What a row is called: a title, a name, or a check's text."""
    match row:
        case Item():
            return row.title
        case Loose():
            return row.text
    return row.name if hasattr(row, "name") else row.text


def rekeyed(row: Row, key: str) -> Row:
    """``row`` under another key, with the keys of its parts moved along."""
    if not isinstance(row, Item):
        return replace(row, key=key)
    parts = tuple(replace(part, key=key + part.key.removeprefix(row.key)) for part in row.parts)
    return replace(row, key=key, parts=parts)
