"""A document that keeps the lines it is written as: whatever writes it later, they stay these.

A leaf that was changed is written anew each time, by the writer of the day. What was approved has to be the same bytes
in any later release, also in one that would spell it otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from records.document.fingerprints import read_fingerprint
from records.document.outline import Block, Document, Group, Item, Rows, Section
from records.document.read import read_record
from records.document.write import write


def as_written(document: Document, template: Document | None) -> Document:
    """``document``, a record of ``template``, with the lines of its text as the slices of its leaves.

    It says the same, under the same keys, and is written as the same bytes; nothing in it is left to spell. The
    document itself if its text is cut otherwise than it is, which law 2 of document.md rules out for normal records.
    """
    return with_lines(document, read_again(document, template)) or document


def read_again(document: Document, template: Document | None) -> Document:
    """What is read from the text of ``document``: whatever its slices claim, these are its lines."""
    return read_record(write(document), template)


def with_lines(document: Document, read: Document) -> Document | None:
    """``document`` with the lines of what was ``read`` from its text; None if that is cut otherwise."""
    sections = [section_with_lines(*both) for both in zip(document.sections, read.sections, strict=False)]
    kept = replace(document, sections=tuple(section for section in sections if section))
    if len(kept.sections) != max(len(document.sections), len(read.sections)):
        return None
    return kept if write(kept) == write(document) else None


def section_with_lines(own: Section, read: Section) -> Section | None:
    """``own`` with the lines of what was ``read`` in its place; None if that is cut otherwise."""
    if list(_cut(read)) != list(_cut(own)):
        return None
    groups = tuple(map(_group, own.groups, read.groups))
    order = tuple(group.key for group in groups if group.phase)
    return replace(own, heading=read.heading, groups=groups, order=order)


def _cut(section: Section) -> Iterator[tuple[str, ...]]:
    """What a text is cut into, in its order."""
    yield section.kind, section.key
    for group in section.groups:
        yield ("phase",) if group.phase else ("group", group.title)
        for block in filter(_has_lines, group.blocks):
            yield type(block).__name__, block.kind if isinstance(block, Rows) else ""
            for row in block.rows if isinstance(block, Rows) else ():
                yield type(row).__name__, *(type(part).__name__ for part in getattr(row, "parts", ()))


def _has_lines(block: Block) -> bool:
    return not isinstance(block, Rows) or bool(block.rows) or block.kind == "metrics"


def _group(own: Group, read: Group) -> Group:
    phase = own.phase and read_fingerprint(replace(own.phase, number=read.phase.number if read.phase else 0))
    lines = filter(_has_lines, read.blocks)
    blocks = tuple(_block(block, next(lines)) if _has_lines(block) else _nothing(block) for block in own.blocks)
    return replace(own, heading=read.heading, phase=phase, blocks=blocks)


def _nothing(own: Block) -> Block:
    """Rows of which there are none: the blank lines of their place belong to what stands before them, as read."""
    return replace(own, order=(), tail="") if isinstance(own, Rows) else own


def _block(own: Block, read: Block) -> Block:
    if isinstance(own, Rows) and isinstance(read, Rows):
        rows = tuple(map(_leaf, own.rows, read.rows))
        order = tuple(row.key for row in rows)
        return replace(read, key=own.key, rows=rows, order=order)
    leaf: Block = _leaf(own, read)
    return leaf


def _leaf(own: Any, read: Any) -> Any:
    """``own`` as it is read from the lines of ``read``, which stands in its place."""
    if isinstance(own, Item):
        parts = tuple(map(_leaf, own.parts, read.parts))
        own = replace(own, number=read.number, head_gap=read.head_gap, parts=parts)
    lines: Any = replace(own, source=read.source, gap=read.gap)
    return read_fingerprint(lines)
