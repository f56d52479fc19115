"""Lines that a deviating record lacks, set in at the template's place when somebody answers them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from records.document.outline import Answer, Block, Group, Heading, Rows, Section


def grafted(section: Section, template: Section, keys: Collection[str]) -> Section:
    """``section`` with the template's answers in ``keys``, each after the one the template has before it.

    A group that the record has no heading for comes with the template's heading, at the section's end.
    """
    groups = list(section.groups)
    for own in template.groups:
        wanted = [block for block in own.blocks if isinstance(block, Answer) and block.key in keys]
        if not wanted:
            continue
        at = next((n for n, group in enumerate(groups) if group.key == own.key), None)
        if at is None:
            groups = _with_gap(groups)
            heading = replace(own.heading, gap=own.heading.gap or "\n") if own.heading else Heading("", "")
            groups.append(Group(own.key, heading, _ending_blank(wanted)))
        else:
            groups[at] = replace(groups[at], blocks=_inserted(groups[at].blocks, own, wanted))
    return replace(section, groups=tuple(groups))


def _inserted(blocks: tuple[Block, ...], own: Group, wanted: list[Answer]) -> tuple[Block, ...]:
    order = [block.key for block in own.blocks]
    result = list(blocks)
    for answer in wanted:
        before = set(order[: order.index(answer.key)])
        at = max((n + 1 for n, block in enumerate(result) if block.key in before), default=0)
        gap = ""
        if at and isinstance(previous := result[at - 1], Answer):
            gap, result[at - 1] = previous.gap, replace(previous, gap="")
        result.insert(at, replace(answer, gap=gap))
    return tuple(result)


def _ending_blank(answers: list[Answer]) -> tuple[Block, ...]:
    tight = [replace(answer, gap="") for answer in answers]
    return (*tight[:-1], replace(tight[-1], gap="\n"))


def _with_gap(groups: list[Group]) -> list[Group]:
    """The last block before a new heading ends in a blank line."""
    if not groups or not groups[-1].blocks:
        return groups
    last = groups[-1].blocks[-1]
    if last.tail if isinstance(last, Rows) else last.gap:
        return groups
    block: Block = replace(last, tail="\n") if isinstance(last, Rows) else replace(last, gap="\n")
    return [*groups[:-1], replace(groups[-1], blocks=(*groups[-1].blocks[:-1], block))]
