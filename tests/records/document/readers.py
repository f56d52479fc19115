"""What a template asks for as the reader sees it, in the words of drawn_templates."""

from __future__ import annotations

from collections.abc import Iterator

from records.document.outline import Answer, Block, Check, Commands, Document, Item, Loose, Metric, Rows, Section
from records.document.shapes import title_opening
from tests.records.document.drawn_templates import Seen


def reader_sees(document: Document) -> list[Seen]:
    """What a template asks for, in the words of ``drawn_templates``."""
    return [what for section in document.sections for what in _in_section(section)]


def _in_section(section: Section) -> Iterator[Seen]:
    if section.kind != "header":
        yield (section.kind, section.title) if section.kind == "section" else (section.kind,)
    for group in section.groups if section.kind != "guidance" else ():
        if group.phase:
            yield "phase", group.phase.word, str(group.phase.number), group.phase.title, group.phase.window
        elif group.heading:
            yield "group", group.title
        for block in group.blocks:
            yield from _in_block(block)


def _in_block(block: Block) -> Iterator[Seen]:
    match block:
        case Answer(shape="title"):
            yield "title", f"{title_opening(block.label)}{block.text}"
        case Answer(shape="line" | "bullet"):
            yield block.shape, block.label, block.text.rstrip()
        case Answer():
            yield "fence" if block.shape == "fence" else "text", block.text
        case Loose():
            yield "markdown", block.text
        case Rows():
            for row in block.rows:
                match row:
                    case Check():
                        yield "check", row.text
                    case Metric():
                        yield "metric", row.name, row.before, row.after or "", row.unit
                    case Loose():
                        yield "markdown", row.text
                    case Item():
                        yield from _in_item(block.kind, row)


def _in_item(kind: str, item: Item) -> Iterator[Seen]:
    yield kind, item.title, item.text
    for part in item.parts:
        match part:
            case Commands():
                yield "commands", part.language, part.text
            case Answer():
                yield "detail", part.label, part.text.rstrip()
            case Loose():
                yield "note", part.text
