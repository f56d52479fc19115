"""What is left open at its end takes along whatever comes behind it: it is closed where something does.

A fence, a comment or a ``<pre>`` that nobody closed ends with its list item, or with the text, and so the page shows
nothing odd. It is kept as it was written while it stands last; as soon as more is written behind it, it needs an end.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from records.document.blocks import open_block
from records.document.front_matter import is_front_matter
from records.document.outline import FREE, Answer, Block, Commands, Group, Item, Loose, Rows, Section
from records.document.shapes import OPENING, closes_fence
from records.document.tree import Block as TreeBlock

_MAY_OPEN = re.compile(r"`{3}|~{3}|<[A-Za-z!?]")
# How HTML begins that goes on until it is ended, whatever comes between, and what ends it.
_ENDS = {"<!--": "-->", "<?": "?>", "<![cdata[": "]]>", "<!": ">"}

Leaf = TypeVar("Leaf", bound=Answer | Loose | Commands)


def closed(section: Section) -> Section:
    """``section`` where nothing takes along what stands behind it there. What is open at its end stays so: nothing else
    of a record that was read stands behind that.

    Commands and answers say the same as before. Markdown that is kept as it is gets the line that ends it.
    """
    groups: list[Group] = []
    more = False
    for group in reversed(section.groups):
        blocks: list[Block] = []
        for block in reversed(group.blocks):
            blocks.append(_rows(block) if isinstance(block, Rows) else _leaf(block) if more else block)
            more = more or _is_written(block)
        more = more or group.heading is not None
        groups.append(replace(group, blocks=tuple(reversed(blocks))))
    return replace(section, groups=tuple(reversed(groups)))


def closed_at_end(block: Block) -> Block:
    """``block`` where nothing of what it ends with goes on, not even within a row: a blank line behind it says nothing.

    An open fence ends with its row, but the blank lines behind that are its own.
    """
    if not isinstance(block, Rows):
        return _leaf(block)
    last = block.rows[-1] if block.rows else None
    if not isinstance(last, Item) or not last.parts:
        return block
    own = replace(last, parts=(*last.parts[:-1], _leaf(last.parts[-1])))
    return replace(block, rows=(*block.rows[:-1], own))


def _is_written(block: Block) -> bool:
    """Whether a block has a line of its own."""
    if isinstance(block, Rows):
        return bool(block.rows) or block.kind == "metrics"
    return not (isinstance(block, Answer) and block.shape in FREE and not block.text)


def _rows(block: Rows) -> Rows:
    """Its rows, in each of which a part may be open: what stands behind the row is in no item of its."""
    rows = (
        replace(row, parts=(*map(_leaf, row.parts[:-1]), *row.parts[-1:])) if isinstance(row, Item) else row
        for row in block.rows
    )
    return replace(block, rows=tuple(rows))


def _leaf(leaf: Leaf) -> Leaf:
    """``leaf`` as it has to be where something stands behind it."""
    match leaf:
        case Commands() | Answer(shape="fence"):
            return replace(leaf, read_as="") if leaf.source and not closes_fence(leaf.source) else leaf
        case Loose() if not is_front_matter(leaf.text) and (block := _left_open(leaf.text)):
            return replace(leaf, text=f"{leaf.text}\n{_end_of(block)}")
        case Answer() if leaf.shape in FREE and _left_open(leaf.source):
            return replace(leaf, read_as="")
    return leaf


def _left_open(text: str) -> TreeBlock | None:
    return open_block(text) if _MAY_OPEN.search(text) else None


def _end_of(block: TreeBlock) -> str:
    """The line that ends ``block``."""
    source = block.source.lstrip().lower()
    if block.kind == "fence" and (fence := OPENING.match(source)):
        return fence["fence"]
    return next((end for begin, end in _ENDS.items() if source.startswith(begin)), "</pre>")
