"""Whether a document that came in as data says what it shows.

A leaf is written as its slice while it holds what it was read as. In a document that was put together elsewhere the
two could differ: one text for the eye, another for the file. So what its text says is compared with what it holds.
"""

from __future__ import annotations

from typing import Any

from records.document.apart import KEY, keys_in
from records.document.as_written import read_again, with_lines
from records.document.outline import (
    Answer,
    Check,
    Commands,
    Document,
    Group,
    Item,
    Loose,
    Metric,
    Part,
    Rows,
    Section,
)
from records.document.read import read_record
from records.document.shapes import with_unit
from records.document.unusable import Unusable

TITLE_KEY = "title"


def honest(document: Document, template: Document | None) -> Document:
    """``document`` with the lines that it is written as. Raises Unusable, in words, unless it is the same again when
    it is written and read along ``template``.

    Keys of rows and of Markdown kept as it is may differ, being given at birth; all have to be usable, each once.
    """
    _refuse_keys(document)
    read = read_again(document, template)
    kept = with_lines(document, read)
    if kept is None or _said(read) != _said(document):
        raise Unusable("The texts in this document are not those that its Markdown would hold.")
    return kept


def lines_of(document: Document, template: Document | None) -> Document | None:
    """``document`` with the lines that it is written as; None where they say something else than it does.

    The document itself where they are cut otherwise than it is: a record that was moved to another version may be.
    """
    read = read_again(document, template)
    if kept := with_lines(document, read):
        return kept if _said(read) == _said(document) else None
    return document


def is_said_by(text: str, document: Document, template: Document | None) -> bool:
    """Whether ``text``, read along ``template``, says what ``document`` does, numbers too, however it is spelled."""
    read = read_record(text, template)
    return bool(_said(read) == _said(document)) and _numbers(read) == _numbers(document)


def _numbers(document: Document) -> list[int | None]:
    """The numbers that pages show: those of phases, and of rows in a numbered list."""
    groups = [group for section in document.sections for group in section.groups]
    rows = [row for group in groups for block in group.blocks if isinstance(block, Rows) for row in block.rows]
    phases: list[int | None] = [group.phase.number for group in groups if group.phase]
    return [*phases, *(row.number for row in rows if isinstance(row, Item))]


def _refuse_keys(document: Document) -> None:
    seen: set[str] = set()
    for section in document.sections:
        for key in keys_in(section):
            inside = key == TITLE_KEY or f"{key}/".startswith(f"{section.key}/")
            if not inside or not KEY.fullmatch(key):
                raise Unusable(f"“{key[:80]}” is no key that a part of “{section.key[:80]}” can have.")
            if key in seen:
                raise Unusable(f"The key “{key[:80]}” occurs twice.")
            seen.add(key)


def _said(value: Document | Section | Group | Answer | Rows | Part | Check | Metric | Item) -> Any:
    """What a value says, in a form to compare: rows without keys, and no rows the same as none."""
    match value:
        case Document():
            return value.front, [_said(section) for section in value.sections]
        case Section():
            return value.key, value.kind, value.title, [_said(group) for group in value.groups]
        case Group():
            blocks = [b for b in value.blocks if not (isinstance(b, Rows) and not b.rows and b.kind != "metrics")]
            phase = value.phase
            head = (phase.word, phase.title, phase.window) if phase else (value.key, value.title)
            return head, [(_place(block, value), _said(block)) for block in blocks]
        case Rows():
            return "rows", value.kind, value.opening, value.closing, [_said(row) for row in value.rows]
        case Answer(shape="bullet"):
            return "answer", value.label, value.text
        case Answer():
            return "answer", value.label, value.text, value.shape
        case Item():
            return "item", value.title, value.text, [_said(part) for part in value.parts]
        case Check():
            return "check", value.text, value.ticked
        case Metric(before=before, after=after, unit=unit):
            # A unit stands in the text with a number only: beside words it says nothing.
            return "metric", value.name, with_unit(before, unit), after and with_unit(after, unit)
        case Commands():
            return "commands", value.language, value.text
        case Loose():
            return "markdown", value.text


def _place(block: Answer | Rows | Loose, group: Group) -> str:
    """The key of a block that a template may speak of; a phase's and kept Markdown's are their own."""
    return "" if isinstance(block, Loose) or group.phase else block.key
