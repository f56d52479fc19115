"""A section as a flat table of fields: what forms post, histories keep and differences compare.

Every leaf has a field under its own key. Rows add a field for each of their parts (``key.title``), and three
kinds of structure are fields too, JSON lists of keys: ``block.rows``, ``item.parts``, ``section.phases``. So
one save, one merge of two people's saves and one difference of two revisions are all the same thing: two
tables compared field by field. The way back is ``with_fields``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from records.document.outline import (
    Answer,
    Block,
    Check,
    Commands,
    Group,
    Item,
    Loose,
    Metric,
    Part,
    Row,
    Rows,
    Section,
)
from records.document.phases import phase_names


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its key, how people call it, its text, its shape, and the key of the group it stands in.

    ``shape`` is that of an answer, or commands, loose, title, name, value, check, window, or structure.
    """

    key: str
    label: str
    text: str
    shape: str
    group: str


def fields_of(section: Section) -> list[Field]:
    """The fields of ``section`` in the order of the text."""
    return list(_fields(section))


def table_of(section: Section) -> dict[str, str]:
    """The fields of ``section`` as a table from key to text."""
    return {field.key: field.text for field in _fields(section)}


def _fields(section: Section) -> Iterator[Field]:
    phases = [group.key for group in section.groups if group.phase]
    if phases:
        yield Field(f"{section.key}.phases", "Phases", json.dumps(phases), "structure", section.key)
    number, names = 0, phase_names(section)
    for group in section.groups:
        number += group.phase is not None
        where = names.get(group.key, "")
        if group.phase:
            yield Field(f"{group.key}.title", f"{where}, title", group.phase.title, "title", group.key)
            yield Field(f"{group.key}.window", f"{where}, window", group.phase.window, "window", group.key)
        for block in group.blocks:
            title = group.title or section.title
            yield from _block_fields(block, group, title, str(number) if group.phase else "", where or title)


def _block_fields(block: Block, group: Group, title: str, number: str, where: str) -> Iterator[Field]:
    match block:
        case Answer(key=key, label=label, text=text, shape=shape):
            yield Field(key, "Title" if shape == "title" else label or title, text, shape, group.key)
        case Loose(key=key, text=text):
            yield Field(key, "Markdown", text, "loose", group.key)
        case Rows(rows=rows):
            keys = json.dumps([row.key for row in rows])
            yield Field(f"{block.key}.rows", f"{where}, order", keys, "structure", group.key)
            for at, row in enumerate(rows, 1):
                yield from _row_fields(row, group, f"{number}.{at}" if number else str(at))


def _row_fields(row: Row, group: Group, number: str) -> Iterator[Field]:
    match row:
        case Loose(key=key, text=text):
            yield Field(key, "Markdown", text, "loose", group.key)
        case Check(key=key, text=text):
            yield Field(f"{key}.text", f"Check {number}", text, "check", group.key)
        case Metric(key=key, name=name):
            yield Field(f"{key}.name", f"{name}, name", name, "name", group.key)
            yield Field(
                f"{key}.before", name if row.after is None else f"{name}, before", row.before, "value", group.key
            )
            if row.after is not None:
                yield Field(f"{key}.after", f"{name}, after", row.after, "value", group.key)
                yield Field(f"{key}.unit", f"{name}, unit", row.unit, "value", group.key)
        case Item(key=key, title=title):
            called = f"{number} {title}"
            yield Field(f"{key}.title", f"{called}, title", title, "title", group.key)
            yield Field(f"{key}.text", called, row.text, "text", group.key)
            parts = json.dumps([[_part_kind(part), part.key, getattr(part, "label", "")] for part in row.parts])
            yield Field(f"{key}.parts", f"{called}, parts", parts, "structure", group.key)
            for part in row.parts:
                name = part.label if isinstance(part, Answer) else _part_kind(part)
                shape = (
                    part.shape if isinstance(part, Answer) else "commands" if isinstance(part, Commands) else "loose"
                )
                yield Field(part.key, f"{called}, {name}", part.text, shape, group.key)


def _part_kind(part: Part) -> str:
    return "commands" if isinstance(part, Commands) else "detail" if isinstance(part, Answer) else "note"
