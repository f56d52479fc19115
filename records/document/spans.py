"""Blocks of a text with the lines they stand on, and what lines are apart from their meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from records.document.lines import is_blank, split_lines
from records.document.shapes import (
    BULLET,
    PARTING,
    TICK,
    TITLED,
)
from records.document.tree import Block as TreeBlock


def without_ends(lines: Sequence[str]) -> list[str]:
    """``lines`` without their line ends."""
    return [line.rstrip("\r\n") for line in lines]


def tail_of(lines: Sequence[str]) -> int:
    """How many blank lines end ``lines``."""
    count = 0
    while count < len(lines) and is_blank(lines[len(lines) - 1 - count]):
        count += 1
    return count


def _gap_of(block: TreeBlock, lines: Sequence[str], end: int) -> int:
    """How many ``lines`` of a block, up to the ``end``, are none of its own: blank ones, and what parts two lists."""
    # A fence that nobody closed, or an HTML block, may end in blank lines that are its own.
    if block.kind in ("fence", "html") and block.end >= end:
        return 0
    count = tail_of(lines)
    while block.kind in LISTS and count < len(lines) and lines[len(lines) - 1 - count].rstrip() == PARTING:
        count += 1
        count += tail_of(lines[: len(lines) - count])
    return count


def without_partings(blocks: Sequence[TreeBlock]) -> list[TreeBlock]:
    """``blocks`` without blank ones, and without what only keeps two lists apart."""
    kept = [block for block in blocks if block.kind != "blank"]
    around = zip([None, *kept], kept, [*kept[1:], None], strict=False)
    return [block for before, block, after in around if not (_is_parting(block) and _need_parting(before, after))]


def _is_parting(block: TreeBlock) -> bool:
    return block.kind == "html" and block.source.strip() == PARTING


def _need_parting(before: TreeBlock | None, after: TreeBlock | None) -> bool:
    """Whether a list would take along what comes behind it: another one like it, or whatever is set in."""
    if before is None or after is None or before.kind not in LISTS:
        return False
    return after.source[:1] in (" ", "\t") or (before.kind, before.info) == (after.kind, after.info)


LISTS = ("bullets", "numbered")


@dataclass(frozen=True, slots=True)
class Span:
    """A block with the lines it stands on and the blank lines after it."""

    block: TreeBlock
    lines: tuple[str, ...]
    gap: str

    @classmethod
    def cut(cls, block: TreeBlock, lines: Sequence[str], first: int, end: int) -> Span:
        """The lines ``first`` to ``end`` of a text as a span; blank ones at their end are its gap."""
        own = lines[first:end]
        count = _gap_of(block, own, end)
        return cls(block, tuple(own[: len(own) - count]), "".join(own[len(own) - count :]))

    @classmethod
    def joined(cls, spans: Sequence[Span]) -> Span:
        """Neighbouring spans as one."""
        pieces = [line for span in spans[:-1] for line in (*span.lines, *split_lines(span.gap))]
        return cls(spans[0].block, (*pieces, *spans[-1].lines), spans[-1].gap)

    @property
    def source(self) -> str:
        """The exact text of its lines, without the gap."""
        return "".join(self.lines)

    @property
    def kind(self) -> str:
        """What ``tree`` calls the block."""
        return self.block.kind

    @property
    def level(self) -> int:
        """Of a heading 1 to 6; else 0."""
        return self.block.level

    @property
    def content(self) -> str:
        """What a fence or code block holds, or the inline text of a heading or paragraph."""
        return self.block.content

    def texts(self) -> list[str]:
        """The lines without their ends."""
        return without_ends(self.lines)

    def items(self) -> list[TreeBlock]:
        """Those of a list, in their order; none of any other block."""
        return [child for child in self.block.children if child.kind == "item"]

    def _heads(self) -> list[str]:
        return [item.source.rstrip("\r\n") for item in self.items()]

    def titled(self) -> list[bool]:
        """Of each item, whether its first line begins with a bold title or label."""
        return [TITLED.fullmatch(head) is not None for head in self._heads()]

    def labelled(self) -> bool:
        """Whether any item begins with a label."""
        return bool(self.labels())

    def labels(self) -> list[str]:
        """The labels of those items that have one."""
        return [m["label"] for head in self._heads() if (m := BULLET.fullmatch(head))]

    def ticks(self) -> bool:
        """Whether any item is a box to tick."""
        return any(TICK.fullmatch(head) for head in self._heads())

    def untitled_besides_ticks(self) -> bool:
        """Whether any item is something else than a box to tick."""
        return not all(TICK.fullmatch(head) for head in self._heads())

    def is_work(self) -> bool:
        """Whether what is numbered has commands, or is nothing but titles: no risk is told so."""
        if self.kind != "numbered":
            return False
        parts = [child.kind for item in self.items() for child in item.children[1:] if child.kind != "blank"]
        said = any(m["value"].partition("\n")[0].strip() for head in self._heads() if (m := TITLED.fullmatch(head)))
        return "fence" in parts or not (said or parts)

    def labelled_throughout(self) -> bool:
        """Whether the list holds labelled bullets and nothing else, at most nested once."""
        nested = [child for item in self.items() for child in item.children[1:] if child.kind != "blank"]
        inner = [item for child in nested for item in child.children if item.kind == "item"]
        return (
            all(child.kind == "bullets" for child in nested)
            and all(BULLET.fullmatch(item.source.rstrip("\r\n")) for item in [*self.items(), *inner])
            and not any(child.kind != "blank" for item in inner for child in item.children[1:])
        )


def trimmed(lines: Sequence[str]) -> tuple[list[str], str]:
    """``lines`` without the blank ones at their end, and these."""
    count = tail_of(lines)
    return list(lines[: len(lines) - count]), "".join(lines[len(lines) - count :])


def columns(text: str) -> int:
    """How wide ``text`` is, its tabs expanded."""
    return len(text.expandtabs(4))


def dedented(line: str, width: int) -> str:
    """``line`` without up to ``width`` columns of indentation; a lazy line keeps what it has."""
    column = 0
    for at, char in enumerate(line):
        if column >= width or char not in " \t":
            return " " * (column - width) + line[at:]
        column += 4 - column % 4 if char == "\t" else 1
    return ""
