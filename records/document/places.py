"""Where the parts of a text stand: the number of the first line of every leaf, heading and block of rows."""

from __future__ import annotations

from records.document.lines import split_lines
from records.document.outline import Block, Document, Heading, Item, Row, Rows


def lines_by_key(document: Document) -> dict[str, int]:
    """The first line, from 1, of whatever has a key in a document that was only read."""
    return _Counter(document).found


class _Counter:
    """Walks a document in the order of its text; sources and gaps of all leaves are the text again."""

    def __init__(self, document: Document) -> None:
        self.found: dict[str, int] = {}
        self.line = 1
        self._pass(document.front)
        for section in document.sections:
            self._heading(section.key, section.heading)
            for group in section.groups:
                self._heading(group.key, group.heading)
                for block in group.blocks:
                    self._block(block)

    def _pass(self, *texts: str) -> None:
        self.line += sum(len(split_lines(text)) for text in texts)

    def _heading(self, key: str, heading: Heading | None) -> None:
        self.found.setdefault(key, self.line)
        if heading:
            self._pass(heading.source, heading.gap)

    def _block(self, block: Block) -> None:
        self.found[block.key] = self.line
        if isinstance(block, Rows):
            self._pass(block.opening)
            for row in block.rows:
                self._row(row)
            self._pass(block.closing, block.tail)
        else:
            self._pass(block.source, block.gap)

    def _row(self, row: Row) -> None:
        self.found[row.key] = self.line
        self._pass(row.source)
        if isinstance(row, Item):
            self._pass(row.head_gap)
            for part in row.parts:
                self.found[part.key] = self.line
                self._pass(part.source, part.gap)
        self._pass(row.gap)
