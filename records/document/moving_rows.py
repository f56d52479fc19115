"""Rows of a record on their way to another version of its template: what people wrote stays, the rest is the new one's.

Three texts meet: the record's, that of the template it stands on, and that of the new one. Where the record says
what its template said, it says what the new one says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from records.document.fingerprints import content_of
from records.document.outline import Answer, Block, Check, Group, Item, Metric, Part, Phase, Row, Rows


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


def reordered(kept: Sequence[Keyed], before: Sequence[str], after: Sequence[str]) -> list[Keyed]:
    """``kept`` in the order of ``after`` where it stands in that of ``before``: people put it in no other."""
    known = {one.key: one for one in kept}
    both = known.keys() & set(before) & set(after)
    if [one.key for one in kept if one.key in both] != [key for key in before if key in both]:
        return list(kept)
    ordered = iter([known[key] for key in after if key in both])
    return [next(ordered) if one.key in both else one for one in kept]


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
        rows=tuple(woven(reordered(kept, list(before), list(after)), fresh, list(after))),
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
            parts.append(_under_its_label(part, after.get(part.key)))
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


def _under_its_label(part: Part, new: Part | None) -> Part:
    """What was answered, under the label that the new template has for it."""
    if isinstance(part, Answer) and isinstance(new, Answer) and part.label != new.label:
        return replace(new, text=part.text, gap=part.gap)
    return part


# ---------------------------------------------------------------- phases


def moved_phase(phase: Phase, old: Phase | None, new: Phase) -> Phase:
    """The heading of the record's phase under the new template's word."""
    return replace(
        phase,
        title=later(phase.title, old.title if old else None, new.title),
        window=later(phase.window, old.window if old else None, new.window),
    )


def is_same_phase(group: Group, old: Group, used: Collection[str]) -> bool:
    """Whether a phase says exactly what the template's phase says."""
    return (
        group.phase is not None
        and old.phase is not None
        and content_of(group.phase) == content_of(old.phase)
        and len(group.blocks) == len(old.blocks)
        and all(is_same_block(*pair, used) for pair in zip(group.blocks, old.blocks, strict=True))
    )


def is_same_block(block: Block, old: Block | None, used: Collection[str]) -> bool:
    """Whether a block says exactly what the template's block says."""
    if not isinstance(block, Rows):
        return old is not None and not isinstance(old, Rows) and block.text == old.text
    others = old.rows if isinstance(old, Rows) else ()
    return len(block.rows) == len(others) and all(
        is_same(row, other) and row.key not in used for row, other in zip(block.rows, others, strict=True)
    )
