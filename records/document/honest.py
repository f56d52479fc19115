"""Whether a document that came in as data says what it shows.

A leaf is written as its slice while it holds what it was read as. In a document that was put together elsewhere the
two could differ: one text for the eye, another for the file. So what its text says is compared with what it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import zip_longest
from typing import Any, TypeVar

from records.document.apart import KEY, keys_in
from records.document.as_written import read_again, section_with_lines, with_lines
from records.document.lines import is_blank, split_lines
from records.document.outline import (
    Answer,
    Block,
    Check,
    Commands,
    Document,
    Group,
    Item,
    Loose,
    Metric,
    Part,
    Phase,
    Row,
    Rows,
    Section,
)
from records.document.read import read_record
from records.document.shapes import metric_line, with_unit
from records.document.spans import without_ends
from records.document.unusable import Unusable
from records.document.write import write

TITLE_KEY = "title"

One = TypeVar("One", Block, Part)


def honest(document: Document, template: Document | None) -> Document:
    """``document`` with the lines that it is written as. Raises Unusable, in words, unless it is the same again when
    it is written and read along ``template``.

    Keys of rows and of Markdown kept as it is may differ, being given at birth; all have to be usable, each once. A
    section whose words are those of its Markdown, which is only cut otherwise, is what is read from that.
    """
    _refuse_keys(document)
    read = read_again(document, template)
    kept = with_lines(document, read)
    if kept is None:
        kept = _cut_as_read(document, read, template)
    elif not _say_the_same(document, read, template):
        kept = None
    if kept is None:
        where = _where(document, read)
        raise Unusable(f"The texts in this document are not those that its Markdown would hold{where}.")
    return kept


def cut_anew(came: Document, kept: Document) -> list[Section]:
    """The sections of ``kept``, which ``honest`` made of what ``came``, that are cut as their Markdown is."""
    both = zip(came.sections, kept.sections, strict=True)
    return [section for own, section in both if section_with_lines(own, section) is None]


def _cut_as_read(document: Document, read: Document, template: Document | None) -> Document | None:
    """``document``, but for sections of which only the words are those that were ``read`` from its text: they are cut
    as that is. None where it says something else."""
    sections: list[Section] = []
    for own, again in zip(document.sections, read.sections, strict=False):
        kept = section_with_lines(own, again)
        if kept and not _say_the_same(Document((own,)), Document((again,)), template):
            return None
        if not kept and (own.key, own.kind, _words(own)) != (again.key, again.kind, _words(again)):
            return None
        sections.append(kept or again)
    cut = replace(document, sections=tuple(sections))
    return cut if write(cut) == write(document) else None


def _words(value: Section | Group | Block | Row | Part) -> str:
    """The letters and digits of a text, in its order, however it is cut."""
    match value:
        case Section():
            said = [value.title, *map(_words, value.groups)]
        case Group(phase=Phase(word=word, title=title, window=window)):
            said = [word, title, window, *map(_words, value.blocks)]
        case Group():
            said = [value.title, *map(_words, value.blocks)]
        case Rows():
            said = [*without_ends(split_lines(value.opening))[1:], *map(_words, value.rows)]
        case Item():
            said = [value.title, value.text, *map(_words, value.parts)]
        case Answer():
            said = [value.label, value.text]
        case Check():
            said = ["x" if value.ticked else "", value.text]
        case Metric():
            said = [metric_line(value.name, value.before, value.after, value.unit)]
        case Commands():
            said = [value.language, value.text]
        case Loose():
            said = [value.text]
    return "".join(sign for text in said for sign in text if sign.isalnum())


def lines_of(document: Document, template: Document | None) -> Document | None:
    """``document`` with the lines that it is written as; None where they say something else than it does.

    The document itself where they are cut otherwise than it is: a record that was moved to another version may be, and
    one with Markdown side by side, each piece of which may hold a list.
    """
    read = read_again(document, template)
    kept = with_lines(document, read)
    if kept and _say_the_same(document, read, template, stored=True):
        return kept
    joined = _joined(document), _joined(read)
    is_cut_otherwise = not kept or _say_the_same(*joined, template, stored=True)
    return document if is_cut_otherwise else None


def _joined(document: Document) -> Document:
    """``document`` where Markdown that stands side by side is one, without its blank lines: lists in it run on."""

    def row(own: Row) -> Row:
        return replace(own, parts=_in_one(own.parts)) if isinstance(own, Item) else own

    def block(own: Block) -> Block:
        return replace(own, rows=tuple(map(row, own.rows))) if isinstance(own, Rows) else own

    def group(own: Group) -> Group:
        return replace(own, blocks=_in_one(map(block, own.blocks)))

    sections = (replace(section, groups=tuple(map(group, section.groups))) for section in document.sections)
    return replace(document, sections=tuple(sections))


def _in_one(blocks: Iterable[One]) -> tuple[One, ...]:
    found: list[Any] = []
    for block in blocks:
        if isinstance(block, Loose):
            before = found.pop().text if found and isinstance(found[-1], Loose) else ""
            lines = f"{before}\n{block.text}".split("\n")
            found.append(Loose("", "\n".join(line for line in lines if not is_blank(line))))
        else:
            found.append(block)
    return tuple(found)


def differing(document: Document, template: Document | None) -> tuple[Section, Group] | None:
    """The first section and group of ``document``, or of its text, that say something else than the other does."""
    return _differing(document, read_again(document, template))


def _differing(document: Document, read: Document) -> tuple[Section, Group] | None:
    both = ([(section, group) for section in one.sections for group in section.groups] for one in (document, read))
    for own, again in zip_longest(*both):
        if own is None or again is None or _said_in(*own) != _said_in(*again):
            return own or again
    return None


def _said_in(section: Section, group: Group) -> Any:
    keys = [block.key for block in _shown(group) if isinstance(block, Rows) and not group.phase]
    return section.key, section.kind, section.title, _said(group), keys


def _where(document: Document, read: Document) -> str:
    if not (found := _differing(document, read)):
        return ""
    section, group = found
    return f", first under “{' / '.join(group.path_in(section)) or section.kind}”"


def is_said_by(text: str, document: Document, template: Document | None) -> bool:
    """Whether ``text``, read along ``template``, says what ``document`` does, numbers too, however it is spelled."""
    read = read_record(text, template)
    return _say_the_same(document, read, template, stored=True) and _numbers(read) == _numbers(document)


def _say_the_same(document: Document, read: Document, template: Document | None, *, stored: bool = False) -> bool:
    """Whether ``read`` from a text says what ``document`` does, in the same places of ``template``.

    What is ``stored`` may call rows as earlier releases did.
    """
    if _said(read) != _said(document):
        return False
    planned = {group.key: group for section in template.sections for group in section.groups} if template else {}
    groups = ((group for section in one.sections for group in section.groups) for one in (document, read))
    return all(
        own.phase or _are_in_place(own, again, planned.get(own.key), stored=stored)
        for own, again in zip(*groups, strict=True)
    )


def _are_in_place(own: Group, read: Group, planned: Group | None, *, stored: bool) -> bool:
    """Whether the rows of a group have the keys that they are read under, as far as its text tells.

    It doesn't tell which of two lists stands there where the other one, and what the template has between them, is
    gone. Earlier releases counted the lists that were there.
    """
    places = [block.key for block in planned.blocks] if planned else []
    blocks = _shown(own)
    present = {block.key for block in blocks}
    counted: Counter[str] = Counter()
    for block, again in zip(blocks, _shown(read), strict=True):
        if not isinstance(block, Rows):
            continue
        counted[block.kind] += 1
        number = counted[block.kind]
        earlier = f"{own.key}/{block.kind}" + (f"~{number}" if number > 1 else "")
        if block.key == again.key or (stored and block.key == earlier):
            continue
        if block.key not in places or again.key not in places:
            return False
        first, last = sorted((places.index(block.key), places.index(again.key)))
        if present.intersection(places[first : last + 1]) != {block.key}:
            return False
    return True


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
            phase = value.phase
            head = (phase.word, phase.title, phase.window) if phase else (value.key, value.title)
            return head, [(_place(block, value), _said(block)) for block in _shown(value)]
        case Rows():
            # The fence grows with what stands in it.
            caption = without_ends(split_lines(value.opening))[1:]
            return "rows", value.kind, caption, [_said(row) for row in value.rows]
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


def _place(block: Block, group: Group) -> str:
    """The key of a field, which a template may speak of; a phase's are their own."""
    return block.key if isinstance(block, Answer) and not group.phase else ""


def _shown(group: Group) -> list[Block]:
    """The blocks that stand in the text: no rows are the same as none."""
    return [b for b in group.blocks if not (isinstance(b, Rows) and not b.rows and b.kind != "metrics")]
