"""Document to text: what was not changed is written as it was read, the rest in the template's own spacing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from records.document.fingerprints import content_of, is_as_read, read_fingerprint
from records.document.front_matter import front_matter_of, matter_of
from records.document.inline import in_heading
from records.document.kept_markdown import settled
from records.document.lines import split_lines
from records.document.open_ends import closed
from records.document.outline import (
    Answer,
    Block,
    Document,
    Group,
    Loose,
    Rows,
    Section,
)
from records.document.phase_headings import phase_text
from records.document.phases import first_heading, is_reordered
from records.document.seams import Seams
from records.document.write_answers import fresh_answer, written_loose
from records.document.write_lists import list_pieces, metrics_pieces

_LONE_FEED = re.compile(r"(?<!\r)\n")
_READ = {"front", "source", "gap", "head_gap", "tail", "opening", "closing"}

__all__ = ["content_of", "fresh_answer", "is_as_read", "read_fingerprint", "write", "write_section"]


def write(document: Document) -> str:
    """The text of ``document``; a document that was only read gives its text back, byte for byte."""
    text = Seams([document.front])
    for section in document.sections:
        _add_section(text, closed(settled(section)))
    pieces = text.pieces
    if not any(map(matter_of, document.sections[:1])) and front_matter_of(_joined(pieces)):
        # What stands there is only written like it: a rule, and lines of which the first was changed.
        lines = split_lines(_joined(pieces))
        pieces = [lines[0], "\n", *lines[1:]]
    return _in_own_line_ends(pieces, document)


def write_section(section: Section) -> str:
    """The text of one section alone, as it stands in the whole: a page's preview."""
    text = Seams()
    _add_section(text, closed(settled(section)))
    return _joined(text.pieces)


def _in_own_line_ends(pieces: list[str], document: Document) -> str:
    """The text of ``pieces`` with the line ends of the file that ``document`` was read from, if they were all alike."""
    text = _joined(pieces)
    if "\r" not in text:
        return text
    read = "".join(_slices(document))
    if "\n" not in read:
        return _joined([piece.replace("\n", "\r") for piece in pieces])
    return text if _LONE_FEED.search(read) or "\r\n" not in text else _LONE_FEED.sub("\r\n", text)


def _slices(value: object) -> Iterator[str]:
    """All that a document or a part of it was read from."""
    if isinstance(value, tuple):
        for one in value:
            yield from _slices(one)
    elif is_dataclass(value):
        for field in fields(value):
            inner = getattr(value, field.name)
            if field.name in _READ:
                yield inner
            elif not isinstance(inner, str):
                yield from _slices(inner)


def _joined(pieces: list[str]) -> str:
    """The pieces in a row; one that lost its line end (the last of a file, before) gets one if more follows."""
    text: list[str] = []
    for piece in pieces:
        if not piece:
            continue
        if text and text[-1][-1] not in "\r\n\ufeff":  # a byte order mark stands before the first line, not on one
            text.append("\n")
        if text and text[-1][-1] == "\r" and piece[0] == "\n":
            text.append("\n")  # else the two would be one line end
        text.append(piece)
    return "".join(text)


def _add_section(text: Seams, section: Section) -> None:
    if section.heading:
        text.head(section.heading.source, section.heading.gap)
    renumber, like = is_reordered(section), first_heading(section)
    matter, number = matter_of(section), 0
    for group in section.groups:
        if group.phase:
            number += 1
            if renumber:
                text.space()
            text.head(*_phase_heading(group, number if renumber else None, like))
        elif group.heading:
            text.head(group.heading.source, group.heading.gap)
        for at, block in enumerate(group.blocks):
            if block is matter:
                text.head(*_as_it_stands(matter))
            else:
                own = _block(group, at)
                text.add(block, own, lines=section.kind in ("header", "footer"))


def _as_it_stands(block: Loose) -> tuple[str, str]:
    return block.source if is_as_read(block) else f"{block.text}\n", block.gap


def _block(group: Group, at: int) -> list[str]:
    match block := group.blocks[at]:
        case Answer():
            nests = any(following.key.startswith(f"{block.key}/") for following in group.blocks[at + 1 : at + 2])
            after_list = any(_may_be_list(before) for before in group.blocks[:at][-1:])
            own = is_as_read(block)
            return [block.source if own else fresh_answer(block, strict=nests, after_list=after_list), block.gap]
        case Loose():
            return [written_loose(block), block.gap]
    return metrics_pieces(block) if block.kind == "metrics" else list_pieces(block)


def _may_be_list(block: Block) -> bool:
    return isinstance(block, Rows | Loose) or block.shape == "bullet"


def _phase_heading(group: Group, number: int | None, like: str) -> tuple[str, str]:
    phase, heading = group.phase, group.heading
    assert phase is not None
    if heading and heading.source and is_as_read(phase) and number in (None, phase.number):
        return heading.source, heading.gap
    own = heading if heading and heading.source else None
    counted = phase.number if number is None else number
    words = phase_text(phase.word, counted, phase.title, phase.window, own.text if own else like)
    return f"### {in_heading(words)}\n", own.gap if own else "\n"
