"""A text as it grows: what is put behind something else stays apart from it.

Two pieces that did not stand side by side before may be read as one: a paragraph goes on in the next line, a list takes
along another one, and a rule under words makes a heading of them. A blank line keeps them apart; behind a list, where
that says nothing, a comment that shows nothing. What was read side by side begins anew already and gets neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from records.document.lines import is_blank, split_lines
from records.document.outline import Answer, Block, Loose, Rows
from records.document.shapes import LEAD, PARTING
from records.document.spans import LISTS
from records.document.tree import Block as TreeBlock
from records.document.tree import read_tree


def begins_anew(before: str, after: str, *, as_item: bool = True) -> bool:
    """Whether ``after`` is a block of its own behind ``before``, or (``as_item``) an item of a list there."""
    tree = read_tree(_whole(before) + after)
    return len(split_lines(before)) in (_beginnings(tree) if as_item else {block.first for block in tree.children})


def begins_anew_in_row(head: str, before: str, after: str) -> bool:
    """The same of parts of the row that begins with ``head``: ``before`` is the one in front, if there is any."""
    above = _whole(head) + _whole(before) if before else _whole(head)
    tree = read_tree(above + after)
    if not tree.children or tree.children[-1].kind not in LISTS:
        return True  # a row that is none without its neighbours
    found = _beginnings(tree.children[-1].children[-1])
    return len(split_lines(above)) in found or (before != "" and len(split_lines(head)) not in found)


def _beginnings(block: TreeBlock) -> set[int]:
    """The lines at which the blocks in ``block`` begin, and the items of its lists."""
    items = [item for child in block.children if child.kind in LISTS for item in child.children]
    return {inner.first for inner in (*block.children, *items)}


def _whole(text: str) -> str:
    return text if text.endswith(("\n", "\r")) else f"{text}\n"


def _is_line(block: Block | None) -> bool:
    """Whether a block may be one line of a paragraph that others are lines of, too."""
    return (isinstance(block, Answer) and block.shape == "line") or (
        isinstance(block, Loose) and "\n" not in block.text
    )


def _ends_blank(pieces: list[str]) -> bool:
    """Whether what comes behind ``pieces`` stands behind a blank line."""
    return is_blank(split_lines("".join(pieces[-8:]) or "\n")[-1])


@dataclass
class Seams:
    """The ``pieces`` of a text. ``last`` are those of the ``block`` that stands at its end, none behind a heading."""

    pieces: list[str] = field(default_factory=list)
    block: Block | None = None
    last: list[str] = field(default_factory=list)

    def head(self, source: str, gap: str) -> None:
        """A heading, or the rule before a footer."""
        if not _ends_blank(self.last) and not begins_anew("".join(self.last), source):
            self.pieces.append("\n")
        self.pieces += [source, gap]
        self.block, self.last = None, []

    def space(self) -> None:
        """A blank line, unless the text ends with one."""
        if not _ends_blank(self.pieces):
            self._goes_on("\n")

    def add(self, block: Block, own: list[str], *, lines: bool = False) -> None:
        """A block of a group with its gap; ``lines`` says that those of its group may be lines of one paragraph."""
        written = "".join(own)
        # A nested field says nothing of the list that it stands in, nor a line of its paragraph.
        nested = self.block is not None and block.key.startswith(f"{self.block.key}/")
        line = lines and _is_line(self.block) and _is_line(block) and not _ends_blank(self.last)
        if nested or line or is_blank(written):
            self._goes_on(written)
            return
        if self.block:
            self._part_from(block, written)
        self.pieces += own
        self.block, self.last = block, [*own]

    def _goes_on(self, written: str) -> None:
        self.pieces.append(written)
        if self.block:
            self.last.append(written)

    def _part_from(self, block: Block, written: str) -> None:
        last = "".join(self.last)
        behind_list = LEAD.match(last) is not None and not _is_parted(self.block)
        rows = isinstance(block, Rows) or isinstance(self.block, Rows)
        if behind_list and LEAD.match(written) and not rows:
            return  # fields, and what stands between them in their list
        may_go_in = behind_list and (LEAD.match(written) or written[0] in " \t")
        if may_go_in and not begins_anew(f"{_whole(last)}\n", written, as_item=False):
            self.pieces.append(f"{PARTING}\n\n")
        elif not _ends_blank(self.last) and not begins_anew(last, written):
            self.pieces.append("\n")


def _is_parted(block: Block | None) -> bool:
    """Whether something stands behind ``block`` already that keeps two lists apart."""
    return block is not None and PARTING in (block.tail if isinstance(block, Rows) else block.gap)
