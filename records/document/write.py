"""Document to text: what was not changed is written as it was read, the rest in the template's own spacing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from records.document.fingerprints import content_of, is_as_read, read_fingerprint
from records.document.front_matter import front_matter_of, is_front_matter
from records.document.inline import in_heading
from records.document.lines import is_blank, split_lines
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
from records.document.phase_headings import phase_opening, phase_words
from records.document.phases import first_heading, is_reordered
from records.document.shapes import LEAD, PARTING
from records.document.tree import read_tree
from records.document.write_answers import fresh_answer, written_loose
from records.document.write_lists import GROUP_LEVEL, list_pieces, metrics_pieces

_LONE_FEED = re.compile(r"(?<!\r)\n")
_READ = {"front", "source", "gap", "head_gap", "tail", "opening", "closing"}

__all__ = ["content_of", "fresh_answer", "is_as_read", "read_fingerprint", "write", "write_section"]


def write(document: Document) -> str:
    """The text of ``document``; a document that was only read gives its text back, byte for byte."""
    pieces = [document.front]
    for at, section in enumerate(document.sections, 1):
        pieces += _section(closed(section, more=at < len(document.sections)))
    if not any(map(_matter, document.sections[:1])) and front_matter_of(_joined(pieces)):
        # What stands there is only written like it: a rule, and lines of which the first was changed.
        lines = split_lines(_joined(pieces))
        pieces = [lines[0], "\n", *lines[1:]]
    return _in_own_line_ends(pieces, document)


def write_section(section: Section) -> str:
    """The text of one section alone, as it stands in the whole: a page's preview."""
    return _joined(_section(closed(section)))


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


def _ends_blank(pieces: list[str]) -> bool:
    """Whether the text so far ends with a blank line."""
    return is_blank(split_lines("".join(pieces[-8:]) or "\n")[-1])


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


def _matter(section: Section) -> Loose | None:
    """The front matter that the header opens with, if it does."""
    first = next(section.blocks(), None) if section.kind == "header" else None
    return first if isinstance(first, Loose) and is_front_matter(first.text) else None


def _section(section: Section) -> list[str]:
    pieces = [section.heading.source, section.heading.gap] if section.heading else []
    renumber, like = is_reordered(section), first_heading(section)
    number = 0
    for group in section.groups:
        if group.phase:
            number += 1
            if renumber and pieces and not _ends_blank(pieces):
                pieces.append("\n")
        if group.phase:
            pieces += _phase_heading(group, number if renumber else None, like)
        elif group.heading:
            pieces += [group.heading.source, group.heading.gap]
        pieces += _group(group, _deepest(section, group), _matter(section))
    return pieces


def _deepest(section: Section, group: Group) -> int:
    """Down to which level a heading would cut the record where Markdown of ``group`` stands."""
    if section.kind == "guidance":
        return 0
    return 2 if group.key == section.key else GROUP_LEVEL


def _group(group: Group, deepest: int, matter: Loose | None) -> list[str]:
    pieces: list[str] = []
    before: tuple[Block, str] | None = None
    gap = ""
    for at, block in enumerate(group.blocks):
        own = _block(group, at, deepest) if block is not matter else _as_it_stands(block)
        written = "".join(own)
        if before and not is_blank(written) and PARTING not in gap and _run_together(before, (block, written)):
            pieces.append(f"{PARTING}\n\n")
        if not is_blank(written):
            # A nested field says nothing of the list that it stands in.
            before = before if before and block.key.startswith(f"{before[0].key}/") else (block, written)
            gap = block.tail if isinstance(block, Rows) else block.gap
        pieces += own
    return pieces


def _as_it_stands(block: Loose) -> list[str]:
    return [block.source if is_as_read(block) else f"{block.text}\n", block.gap]


def _block(group: Group, at: int, deepest: int) -> list[str]:
    match block := group.blocks[at]:
        case Answer():
            nests = any(following.key.startswith(f"{block.key}/") for following in group.blocks[at + 1 : at + 2])
            after_list = any(_may_be_list(before) for before in group.blocks[:at][-1:])
            own = is_as_read(block)
            return [block.source if own else fresh_answer(block, strict=nests, after_list=after_list), block.gap]
        case Loose():
            return [written_loose(block, deepest), block.gap]
    return metrics_pieces(block) if block.kind == "metrics" else list_pieces(block)


def _run_together(*blocks: tuple[Block, str]) -> bool:
    """Whether two blocks, each with its text, are lists that would be read as one, what stood between them gone."""
    if not any(isinstance(block, Rows) for block, _text in blocks):
        return False  # fields, and what stands between them in their list
    if not all(LEAD.match(text) for _block, text in blocks):
        return False
    joined = read_tree("".join(text for _block, text in blocks))
    return len([block for block in joined.children if block.kind != "blank"]) == 1


def _may_be_list(block: Block) -> bool:
    return isinstance(block, Rows | Loose) or block.shape == "bullet"


def _phase_heading(group: Group, number: int | None, like: str) -> list[str]:
    phase, heading = group.phase, group.heading
    assert phase is not None
    if heading and heading.source and is_as_read(phase) and number in (None, phase.number):
        return [heading.source, heading.gap]
    own = heading if heading and heading.source else None
    opening = phase_opening(phase.word, phase.number if number is None else number, own.text if own else like)
    words = in_heading(f"{opening}{phase_words(phase.title, phase.window)}")
    return [f"### {words}\n", own.gap if own else "\n"]
