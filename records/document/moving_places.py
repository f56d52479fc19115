"""Where a part goes that moves with its record to another version of a template, and the blank lines around it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from records.document.lines import is_blank, split_lines
from records.document.moving_keys import rekeyed_group
from records.document.open_ends import closed_at_end
from records.document.outline import Answer, Block, Document, Group, Heading, Rows, Section
from records.document.shapes import Keys
from records.document.spans import without_ends
from records.document.write import write


def text_of(*groups: Group, order: Sequence[str] = ()) -> str:
    """The text of ``groups`` alone; ``order`` are the keys of phases that keep their numbers."""
    return write(Document((Section("", "section", None, groups, tuple(order)),)))


def with_headings(section: Section) -> Section:
    """``section`` in which each phase has the heading that it is written with."""
    phases = [replace(group, blocks=()) for group in section.groups if group.phase]
    written = (line for line in split_lines(text_of(*phases, order=section.order)) if not is_blank(line))
    headings = {phase.key: _heading(line, phase.heading) for phase, line in zip(phases, written, strict=True)}
    groups = (replace(group, heading=headings.get(group.key, group.heading)) for group in section.groups)
    return replace(section, groups=tuple(groups))


def _heading(line: str, own: Heading | None) -> Heading:
    words = without_ends([line])[0]
    if own and without_ends([own.source]) == [words]:
        return own
    return Heading(f"{words}\n", words.lstrip("# "), own.gap if own else "\n")


def place_of(section: Section, sections: Sequence[Section], before: Collection[str]) -> int:
    """Behind what it stood behind; never before the header, and before the footer if it is none itself."""
    at = max((n + 1 for n, one in enumerate(sections) if one.key in before or one.kind == "header"), default=0)
    if section.kind == "section":
        ends = [n for n, one in enumerate(sections) if one.kind in ("footer", "guidance")]
        return min([at, *ends])
    return at if section.kind == "guidance" else len([one for one in sections if one.kind != "guidance"])


def insert_behind(result: list[Block], block: Block, key: str, siblings: Sequence[str]) -> None:
    """Put ``block``, which was called ``key`` among ``siblings``, behind what it stood behind there, and behind the
    bullets nested in that.
    """
    own = siblings.index(key)
    before = set(siblings[:own])
    at = max((n + 1 for n, one in enumerate(result) if one.key in before), default=0)
    while at and at < len(result) and result[at].key.startswith(f"{result[at - 1].key}/"):
        if key.startswith(f"{result[at - 1].key}/"):
            break
        at += 1
    above, below = (_is_in_list_of(block, ones) for ones in (result[at - 1 : at], result[at : at + 1]))
    # Before what it stood before it leaves the blank line that it left there.
    kept = _gap_of(block) if [one.key for one in result[at : at + 1]] == list(siblings[own + 1 : own + 2]) else ""
    gap = kept if below else "\n"
    if at:
        previous = result[at - 1]
        own_gap = _gap_of(previous)
        result[at - 1] = _with_gap(previous, "" if above else own_gap or "\n")
        if above:
            gap = own_gap or kept
    block = _with_gap(block, gap)
    result.insert(at, block)


def called_as_read(groups: Sequence[Group], uncounted: Mapping[str, Group], section: str) -> list[Group]:
    """``groups`` with those ``uncounted`` that were phases, by their keys, under the names that their headings have.

    Each stands where its phase did, or before what has the place of that; but behind all others of its name, or it
    would be read as one of them.
    """
    result = list(groups)
    for key, group in uncounted.items():
        at = [one.key for one in result].index(key)
        result = [one for one in result if one is not group]
        name = Keys(section).give(group.title)
        same = [n for n, one in enumerate(result, 1) if one.key.partition("~")[0] == name]
        names = {group.key: f"{name}~{len(same) + 1}" if same else name}
        result.insert(max([at, *same]), rekeyed_group(group, names))
    return result


def _is_in_list_of(block: Block, neighbours: Sequence[Block]) -> bool:
    """Whether ``block`` stands in one list with what stands next to it: no blank line parts them."""
    return any(isinstance(block, Answer) and isinstance(one, Answer) and one.shape == block.shape for one in neighbours)


def _with_gap(block: Block, gap: str) -> Block:
    return replace(block, tail=gap) if isinstance(block, Rows) else replace(block, gap=gap)


def kept_apart(sections: Sequence[Section], record: Document, new: Document) -> list[Section]:
    """Groups that are neighbours here and were none in ``record`` end before the next one; those that are none in
    ``new`` either in a blank line, so that the next heading is one.
    """
    were, told = (set(pairwise(_group_keys(document.sections))) for document in (record, new))
    keys = iter(pairwise(_group_keys(sections)))

    def own(group: Group) -> Group:
        pair = next(keys)
        if pair in were or not group.blocks:
            return group
        ended = replace(group, blocks=(*group.blocks[:-1], closed_at_end(group.blocks[-1])))
        return ended if pair in told else _with_blank_line(ended)

    return [replace(section, groups=tuple(map(own, section.groups))) for section in sections]


def _group_keys(sections: Sequence[Section]) -> list[str]:
    """The keys of all groups in order, and an empty one that stands for the end."""
    return [*(group.key for section in sections for group in section.groups), ""]


def _with_blank_line(group: Group) -> Group:
    if is_blank(split_lines(text_of(group))[-1]):
        return group
    return replace(group, blocks=(*group.blocks[:-1], _with_gap(group.blocks[-1], "\n")))


def _gap_of(block: Block) -> str:
    if not isinstance(block, Rows):
        return block.gap
    # The last row's own blank lines are written only while the rows are those that were read.
    is_as_read = tuple(row.key for row in block.rows) == block.order
    return block.tail or (block.rows[-1].gap if block.rows and is_as_read else "")
