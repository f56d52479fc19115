"""Rows of a record on their way to another version of its template: what people wrote stays, the rest is the new one's.

Three texts meet: the record's, that of the template it stands on, and that of the new one. Where the record says
what its template said, it says what the new one says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from records.document.fingerprints import content_of
from records.document.outline import Check, Group, Item, Metric, Part, Row, Rows


class HasKey(Protocol):
    """Anything that has a key among its siblings."""

    @property
    def key(self) -> str: ...


Keyed = TypeVar("Keyed", bound=HasKey)


def later(record: str, old: str | None, new: str | None) -> str:
    """The record's own text, where it is one; else the new template's."""
    return record if new is None or record != old else new


def woven(kept: Iterable[Keyed], fresh: Iterable[Keyed], order: Sequence[str]) -> list[Keyed]:
    """``kept`` with each of ``fresh`` behind whatever ``order`` has before it."""
    result = list(kept)
    for one in fresh:
        before = set(order[: order.index(one.key)])
        at = max((n + 1 for n, other in enumerate(result) if other.key in before), default=0)
        result.insert(at, one)
    return result


def is_same(row: Row, old: Row | None) -> bool:
    """Whether a row says exactly what the template's row says."""
    if old is None or type(row) is not type(old) or content_of(row) != content_of(old):
        return False
    if isinstance(row, Item) and isinstance(old, Item):
        return [(p.key, content_of(p)) for p in row.parts] == [(p.key, content_of(p)) for p in old.parts]
    return not isinstance(row, Metric) or row.after == (old.after if isinstance(old, Metric) else None)


def moved_rows(record: Rows, old: Rows | None, new: Rows, used: Collection[str]) -> Rows:
    """The record's rows in the new template's block; ``used`` are keys of rows that carry facts of their own."""
    before = {row.key: row for row in old.rows} if old else {}
    after = {row.key: row for row in new.rows}
    kept: list[Row] = []
    for row in record.rows:
        if is_same(row, before.get(row.key)) and row.key not in used:
            kept += [after[row.key]] if row.key in after else []
        else:
            kept.append(_moved_row(row, before.get(row.key), after.get(row.key)))
    own = {row.key for row in record.rows}
    fresh = [row for row in new.rows if row.key not in before and row.key not in own]
    return replace(
        new,
        rows=tuple(woven(kept, fresh, list(after))),
        opening=later(record.opening, old.opening if old else None, new.opening),
        closing=later(record.closing, old.closing if old else None, new.closing),
    )


def _moved_row(row: Row, old: Row | None, new: Row | None) -> Row:
    match row, old, new:
        case Item(), Item(), Item():
            return _moved_item(row, old, new)
        case Check(), Check(), Check():
            return replace(row, text=later(row.text, old.text, new.text))
        case Metric(), Metric(), Metric():
            return replace(
                row,
                name=later(row.name, old.name, new.name),
                before=later(row.before, old.before, new.before),
                unit=later(row.unit, old.unit, new.unit),
            )
    return row


def _moved_item(row: Item, old: Item, new: Item) -> Item:
    before, after = ({part.key: part for part in item.parts} for item in (old, new))
    parts: list[Part] = []
    for part in row.parts:
        own = before.get(part.key)
        if own is None or content_of(part) != content_of(own):
            parts.append(part)
        elif part.key in after:
            parts.append(replace(after[part.key], gap=part.gap))
    known = {part.key for part in row.parts}
    fresh = [part for key, part in after.items() if key not in before and key not in known]
    return replace(
        row,
        title=later(row.title, old.title, new.title),
        text=later(row.text, old.text, new.text),
        parts=tuple(woven(parts, fresh, list(after))),
    )


# ---------------------------------------------------------------- phases


def moved_phase(group: Group, old: Group | None, new: Group | None, used: Collection[str]) -> Group | None:
    """A phase of the record; None if it says what its template says, and the new one has no such phase."""
    if old is not None and is_same_phase(group, old, used):
        return new
    if new is None or new.phase is None or group.phase is None:
        return group
    theirs = old.phase if old else None
    phase = replace(
        group.phase,
        title=later(group.phase.title, theirs.title if theirs else None, new.phase.title),
        window=later(group.phase.window, theirs.window if theirs else None, new.phase.window),
    )
    own, before, after = rows_of(group), rows_of(old) if old else None, rows_of(new)
    rows = replace(moved_rows(own, before, after, used), tail=own.tail)
    blocks = tuple(rows if isinstance(block, Rows) else block for block in group.blocks)
    return replace(group, phase=phase, blocks=blocks)


def rows_of(group: Group) -> Rows:
    """The steps of a phase."""
    return next((block for block in group.blocks if isinstance(block, Rows)), Rows(f"{group.key}/steps", "steps", ()))


def is_same_phase(group: Group, old: Group, used: Collection[str]) -> bool:
    """Whether a phase says exactly what the template's phase says."""
    rows, others = rows_of(group).rows, rows_of(old).rows
    texts, other_texts = ([b.text for b in g.blocks if not isinstance(b, Rows)] for g in (group, old))
    return (
        group.phase is not None
        and old.phase is not None
        and content_of(group.phase) == content_of(old.phase)
        and texts == other_texts
        and len(rows) == len(others)
        and all(map(is_same, rows, others))
        and not any(row.key in used for row in rows)
    )
