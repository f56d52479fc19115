"""What differs between two documents, section by section and field by field, in words and in lines.

Fields are compared by key, so a moved or renamed step stays the same step. What is no field (headings, captions
around metrics, the order of sections and of what stands in them) is compared as well: whoever reads the difference has
seen all that changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from records.document.fields import Field, fields_of
from records.document.orders import in_places, order_of_parts, order_of_sections, told_apart
from records.document.outline import Answer, Commands, Document, Item, Rows, Section
from records.document.text_difference import Piece, lines, words
from records.document.write import write, write_section

ADDED, REMOVED = CAME_OR_WENT = (", added", ", removed")
# Changes of no section, by key: each stands above them as if it were one.
FRONT, SECTIONS, TEXT = ABOVE = ("front", "sections", "text")
LINED = ("commands", "fence", "loose", "structure", "source")


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. ``before`` or ``after`` is None where the field is not there at all.

    ``pieces`` are words, or with ``lined`` whole lines, each the same, inserted or deleted.
    """

    key: str
    label: str
    before: str | None
    after: str | None
    lined: bool
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class SectionChanges:
    """The changes of one section: its key, its title (empty for header and footer), its kind."""

    key: str
    title: str
    kind: str
    changes: tuple[Change, ...]


def differences(
    before: Document,
    after: Document,
    facts_before: Mapping[str, str] | None = None,
    facts_after: Mapping[str, str] | None = None,
) -> list[SectionChanges]:
    """The sections that differ, in the order of ``after``; sections that are gone stand at the end.

    The facts are plan facts without a line in the text ("row.estimate" to text); they stand with their row. Of two
    texts that aren't the same something is always told.
    """
    old = {section.key: section for section in before.sections}
    new = {section.key: section for section in after.sections}
    facts = facts_before or {}, facts_after or {}
    found = []
    for key in [*new, *(key for key in old if key not in new)]:
        section = new.get(key) or old[key]
        changes = tuple(_section(old.get(key), new.get(key), *facts))
        if changes:
            found.append(SectionChanges(key, section.title, section.kind, changes))
    if orders := order_of_sections(before, after):
        found.insert(0, _whole(SECTIONS, "Order of the sections", *orders))
    if before.front != after.front:
        found.insert(0, _whole(FRONT, "Before the title", before.front, after.front))
    if not found and (texts := (write(before), write(after)))[0] != texts[1]:
        found.append(_whole(TEXT, "Markdown", *texts))
    return found


def _whole(key: str, label: str, before: str, after: str) -> SectionChanges:
    """A change of no section."""
    change = Change(key, label, before, after, True, tuple(lines(before, after)))
    return SectionChanges(key, "", "header", (change,))


def count(changes: Sequence[SectionChanges]) -> int:
    """How many fields differ."""
    return sum(len(section.changes) for section in changes)


def _section(
    old: Section | None, new: Section | None, facts_old: Mapping[str, str], facts_new: Mapping[str, str]
) -> Iterator[Change]:
    before, after = with_facts(old, facts_old), with_facts(new, facts_new)
    names = _part_names(old) | _part_names(new) | row_names(old) | row_names(new)
    stayed = _placed(before) & _placed(after)
    found = False
    if old and new and (orders := order_of_parts(old, new)):
        found = True
        yield Change(f"{new.key}.order", "Order", *orders, True, tuple(lines(*orders)))
    for key in [*after, *(key for key in before if key not in after)]:
        one, other = before.get(key), after.get(key)
        if one and other and one.text == other.text:
            continue
        field = other or one
        assert field is not None
        if field.shape == "structure":
            change = _order(field, one, other, names, stayed)
        else:
            old_text, new_text = (side.text if side else None for side in (one, other))
            change = _change(key, _called(field, one, other), old_text, new_text, field.shape)
        if change:
            found = True
            yield change
    yield from _frame(old, new, found)


def with_facts(section: Section | None, facts: Mapping[str, str]) -> dict[str, Field]:
    """The fields by key, the facts of a row ("row.estimate" to text) behind its own; of no section, nothing."""
    if section is None:
        return {}
    labels, own = row_labels(section), fields_of(section)
    beside: dict[str, list[Field]] = {}
    for key, text in facts.items():
        row, _, name = key.rpartition(".")
        if row in labels and text:
            fact = Field(key, f"{labels[row]}, {name.replace('_', ' ')}", text, "fact", row)
            beside.setdefault(row, []).append(fact)
    last = _last_of_rows(own)
    told = [one for field in own for one in (field, *beside.get(last.get(field.key, ""), ()))]
    return {field.key: field for field in told}


def _last_of_rows(fields: Sequence[Field]) -> dict[str, str]:
    """The row that ends with a field, by the key of that field."""
    last, row_of = dict[str, str](), dict[str, str]()
    for field in fields:
        row = field.key.rpartition(".")[0]
        if field.key.endswith(".parts"):
            row_of |= dict.fromkeys(_keys(field.text), row)
        last[row_of.get(field.key, row)] = field.key
    return {key: row for row, key in last.items()}


def row_labels(section: Section) -> dict[str, str]:
    """How people call each row that facts can stand with: a step by number and title, a metric by its name."""
    named = (field for field in fields_of(section) if field.key.endswith((".text", ".name")))
    return {field.key.rpartition(".")[0]: field.label.removesuffix(", name") for field in named}


def _change(key: str, label: str, before: str | None, after: str | None, shape: str) -> Change | None:
    if not (before or "") and not (after or ""):
        return None  # an empty field that came or went with its row
    lined = shape in LINED
    pieces = (lines if lined else words)(before or "", after or "")
    return Change(key, label, before, after, lined, tuple(pieces))


def row_names(section: Section | None) -> dict[str, str]:
    """What the rows and phases of a section are called, by key; of no section, nothing."""
    names: dict[str, str] = {}
    for group in section.groups if section else ():
        if group.phase:
            names[group.key] = f"{group.phase.word}: {group.phase.title}"
        for block in group.blocks:
            for row in block.rows if isinstance(block, Rows) else ():
                name = getattr(row, "title", "") or getattr(row, "name", "") or getattr(row, "text", "")
                names[row.key] = str(name).partition("\n")[0]
    return names


def _part_names(section: Section | None) -> dict[str, str]:
    """What the parts of the rows are called, by key; of no section, nothing."""
    if section is None:
        return {}
    items = [
        row for block in section.blocks() if isinstance(block, Rows) for row in block.rows if isinstance(row, Item)
    ]
    labels = {field.key: field.label for field in fields_of(section)}
    return {part.key: labels[part.key].rpartition(", ")[2] for item in items for part in item.parts}


def _called(field: Field, before: Field | None, after: Field | None) -> str:
    """The label of a field; that of a name says that its row, or its phase, came or went with it."""
    for name in (", title", ", name"):
        if not (before and after) and field.label.endswith(name):
            return field.label.removesuffix(name) + (ADDED if after else REMOVED)
    return field.label


def _placed(fields: Mapping[str, Field]) -> set[str]:
    """Every row, part and phase that stands in some order."""
    return {key for field in fields.values() if field.shape == "structure" for key in _keys(field.text)}


def _order(
    field: Field, before: Field | None, after: Field | None, names: Mapping[str, str], stayed: set[str]
) -> Change | None:
    """A changed order. Rows that came or went are told by their own fields; here what ``stayed`` and moved, be it to
    another list.
    """
    old, new = ([key for key in _keys(one.text) if key in stayed] if one else [] for one in (before, after))
    if old == new:
        return None
    called = told_apart({key: names.get(key, key) for key in (*old, *new)})
    sides = ["\n".join(called[key] for key in side) for side in (old, new)]
    return _change(field.key, field.label, sides[0], sides[1], "structure")


def _keys(text: str) -> list[str]:
    return [str(entry[1]) if isinstance(entry, list) else str(entry) for entry in json.loads(text)]


def _frame(old: Section | None, new: Section | None, found: bool) -> Iterator[Change]:
    """What differs outside of fields: headings, captions, labels; if nothing else does, the source itself."""
    own = new or old
    assert own is not None
    key = own.key
    if old and new:
        labels = _labels(old), _labels(new)
        renamed = [one for one, label in labels[1].items() if labels[0].get(one, label) != label]
        before, after = ("".join(f"{side[one]}\n" for one in renamed) for side in labels)
        if change := _change(f"{key}.labels", "Labels", before, after, "source"):
            found = True
            yield change
        frames = _frame_of(old), _frame_of(new)
        then = in_places(frames[0], [name for name, _text in frames[1]], lambda part: part[0])
        before, after = ("\n".join(text for _name, text in side) for side in (then, frames[1]))
        if before != after and (change := _change(f"{key}.headings", "Headings and captions", before, after, "source")):
            found = True
            yield change
    if not found:
        before, after = (write_section(side) if side else "" for side in (old, new))
        if before != after and (change := _change(f"{key}.source", "Markdown", before, after, "source")):
            yield change


def _labels(section: Section) -> dict[str, str]:
    """What stands beside the texts of a section, by key, in its rows too: labels, the language of commands, and what a
    phase is called before its number.
    """
    rows = [row for block in section.blocks() if isinstance(block, Rows) for row in block.rows]
    parts = [part for row in rows if isinstance(row, Item) for part in row.parts]
    phases = {group.key: group.phase.word for group in section.groups if group.phase}
    languages = {part.key: part.language for part in parts if isinstance(part, Commands)}
    return phases | languages | {one.key: one.label for one in (*section.answers(), *parts) if isinstance(one, Answer)}


def _frame_of(section: Section) -> list[tuple[str, str]]:
    """The headings and captions of a section, each with what tells it from the others."""
    parts = [("", section.heading.source if section.heading else "")]
    for group in section.groups:
        if group.heading and not group.phase:
            parts.append((f"group {group.key}", group.heading.source))
        for block in group.blocks:
            if isinstance(block, Rows):
                parts += [(f"opening {block.key}", block.opening), (f"closing {block.key}", block.closing)]
    return [(name, text.rstrip("\n")) for name, text in parts if text]
