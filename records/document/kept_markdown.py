"""Markdown that is kept as it is, as somebody changed it: it neither cuts the record anew nor begins or ends blank.

What a form sends, and what comes in from elsewhere, may be any text. It is put into the words that reading gives back,
so that a record holds what its Markdown says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from records.document.escape import in_bullet, in_markdown, normal
from records.document.fingerprints import is_as_read
from records.document.front_matter import matter_of
from records.document.outline import Block, Commands, Group, Item, Loose, Part, Row, Rows, Section
from records.document.shapes import LEAD, LINE, Keys
from records.document.spans import columns, dedented
from records.document.tree import read_tree

# Down to which level a heading in Markdown cuts the record: in a group, and in a row, which has no headings at all.
GROUP_LEVEL, ANY_LEVEL = 3, 6


def settled(section: Section, asked: Iterable[str] = ()) -> Section:
    """``section`` where Markdown that was changed has no blank lines at its ends, and a backslash before what cuts.

    So has a line of it, beside those of header or footer, that would be read as one of them: as one that stands there,
    or that the template has ``asked`` for under one of these keys.
    """
    matter = matter_of(section)
    names = _line_names(section, asked) if section.kind in ("header", "footer") else frozenset()

    def kept(block: Block, group: Group) -> Block:
        own = block if block is matter else _block(block, _deepest(section, group))
        if own is block or not names or not isinstance(own, Loose):
            return own
        return replace(own, text=_no_line(own.text, names))

    groups = (replace(group, blocks=tuple(kept(block, group) for block in group.blocks)) for group in section.groups)
    return replace(section, groups=tuple(groups))


def _line_names(section: Section, asked: Iterable[str]) -> frozenset[str]:
    """The last parts of the keys of lines, in the section or ``asked`` for, however often each occurs."""
    keys = (*(line.key for line in section.answers() if line.shape == "line"), *asked)
    return frozenset(key.rpartition("/")[2].partition("~")[0] for key in keys)


def _no_line(text: str, names: Collection[str]) -> str:
    """``text`` with a backslash before each line that has one of the ``names`` as its label."""
    lines = text.split("\n")
    for block in read_tree(text).children:
        for at in range(block.first, block.end) if block.kind == "paragraph" else ():
            if (m := LINE.fullmatch(lines[at])) and Keys("").give(m["label"]) in names:
                lines[at] = f"\\{lines[at]}"
    return "\n".join(lines)


def _deepest(section: Section, group: Group) -> int:
    """Down to which level a heading would cut the record where Markdown of ``group`` stands."""
    if section.kind == "guidance":
        return 0
    return 2 if group.key == section.key else GROUP_LEVEL


def _block(block: Block, deepest: int) -> Block:
    if isinstance(block, Rows):
        return replace(block, rows=tuple(map(_row, block.rows)))
    return _settled(block, deepest) if isinstance(block, Loose) else block


def _row(row: Row) -> Row:
    match row:
        case Loose():
            return _as_item(_settled(row, GROUP_LEVEL))
        case Item() if any(isinstance(part, Loose) for part in row.parts):
            return replace(row, parts=tuple(map(_part, [None, *row.parts], row.parts)))
    return row


def _as_item(row: Loose) -> Loose:
    """``row`` as an item of its list: without a marker it would run on into the row above."""
    first = row.text.split("\n")[0]
    if is_as_read(row) or not row.text or LEAD.match(first):
        return row
    m = LEAD.match(row.source)
    lead = m["lead"] if m else "- "
    return replace(row, text=in_bullet(row.text.lstrip(" \t"), lead, "").removesuffix("\n"))


def _part(before: Part | None, part: Part) -> Part:
    """Behind a list, whose last item takes along what is set in deeper, a note isn't."""
    if not isinstance(part, Loose):
        return part
    own = _settled(part, ANY_LEVEL)
    if own is part or before is None or isinstance(before, Commands):
        return own
    lines = own.text.split("\n")
    width = columns(lines[0]) - columns(lines[0].lstrip(" \t"))
    return replace(own, text="\n".join(dedented(line, width) for line in lines)) if width else own


def _settled(block: Loose, deepest: int) -> Loose:
    if is_as_read(block):
        return block
    return replace(block, text=in_markdown(normal(block.text, "markdown"), deepest))
