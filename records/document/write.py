"""Document to text: what was not changed is written as it was read, the rest in the template's own spacing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from records.document.fingerprints import content_of, is_as_read, read_fingerprint
from records.document.inline import in_heading
from records.document.lines import is_blank, split_lines
from records.document.outline import (
    Answer,
    Block,
    Document,
    Group,
    Loose,
    Rows,
    Section,
)
from records.document.shapes import phase_words
from records.document.write_answers import fresh_answer, written_loose
from records.document.write_lists import GROUP_LEVEL, list_pieces, metrics_pieces

_LONE_FEED = re.compile(r"(?<!\r)\n")
_READ = {"front", "source", "gap", "head_gap", "tail", "opening", "closing"}

__all__ = ["content_of", "fresh_answer", "is_as_read", "read_fingerprint", "write", "write_section"]


def write(document: Document) -> str:
    """The text of ``document``; a document that was only read gives its text back, byte for byte."""
    pieces = [document.front]
    for section in document.sections:
        pieces += _section(section)
    return _in_own_line_ends(_joined(pieces), document)


def write_section(section: Section) -> str:
    """The text of one section alone, as it stands in the whole: a page's preview."""
    return _joined(_section(section))


def _in_own_line_ends(text: str, document: Document) -> str:
    """``text`` of ``document`` with the line ends of the file that it was read from, if that had CR LF only."""
    if "\r\n" not in text or _LONE_FEED.search("".join(_slices(document))):
        return text
    return _LONE_FEED.sub("\r\n", text)


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
        text.append(piece)
    return "".join(text)


def _section(section: Section) -> list[str]:
    pieces = [section.heading.source, section.heading.gap] if section.heading else []
    renumber = _is_reordered(section)
    number = 0
    for group in section.groups:
        if group.phase:
            number += 1
            if renumber and pieces and not _ends_blank(pieces):
                pieces.append("\n")
        pieces += _group(group, number if renumber else None, _deepest(section, group))
    return pieces


def _deepest(section: Section, group: Group) -> int:
    """Down to which level a heading would cut the record where Markdown of ``group`` stands."""
    if section.kind == "guidance":
        return 0
    return 2 if group.key == section.key else GROUP_LEVEL


def _is_reordered(section: Section) -> bool:
    """Whether phases came, went or moved; where their order is not known, whether they count wrongly."""
    phases = [group for group in section.groups if group.phase]
    if section.order:
        return section.order != tuple(group.key for group in phases)
    numbers = [group.phase.number for group in phases if group.phase]
    return numbers != [numbers[0] + n for n in range(len(numbers))] or not all(
        group.phase.read_as for group in phases if group.phase
    )


def _group(group: Group, number: int | None, deepest: int) -> list[str]:
    pieces: list[str] = []
    if group.phase:
        pieces += _phase_heading(group, number)
    elif group.heading:
        pieces += [group.heading.source, group.heading.gap]
    for at, block in enumerate(group.blocks):
        match block:
            case Answer():
                nests = any(following.key.startswith(f"{block.key}/") for following in group.blocks[at + 1 : at + 2])
                after_list = any(_may_be_list(before) for before in group.blocks[:at][-1:])
                own = is_as_read(block)
                pieces.append(block.source if own else fresh_answer(block, strict=nests, after_list=after_list))
                pieces.append(block.gap)
            case Loose():
                pieces += [written_loose(block, deepest), block.gap]
            case Rows():
                pieces += metrics_pieces(block) if block.kind == "metrics" else list_pieces(block)
    return pieces


def _may_be_list(block: Block) -> bool:
    return isinstance(block, Rows | Loose) or block.shape == "bullet"


def _phase_heading(group: Group, number: int | None) -> list[str]:
    phase, heading = group.phase, group.heading
    assert phase is not None
    if heading and heading.source and is_as_read(phase) and number in (None, phase.number):
        return [heading.source, heading.gap]
    words = f"{phase.word} {phase.number if number is None else number}: {phase_words(phase.title, phase.window)}"
    return [f"### {in_heading(words)}\n", heading.gap if heading and heading.source else "\n"]
