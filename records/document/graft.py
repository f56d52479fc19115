"""What a deviating record lacks, set in at the template's place: lines when somebody answers them, lists with all that
the template has in them.
"""

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


def with_lists(section: Section, template: Section, keys: Collection[str]) -> Section:
    """``section`` with the template's lists in ``keys``: at the end of their groups, or with their groups where the
    template has those.
    """
    groups, order = list(section.groups), [group.key for group in template.groups]
    for own in template.groups:
        wanted = [block for block in own.blocks if block.key in keys]
        at = next((n for n, group in enumerate(groups) if group.key == own.key), None)
        if wanted and at is None:
            before = order[: order.index(own.key)]
            place = max((n + 1 for n, group in enumerate(groups) if group.key in before), default=len(groups))
            groups = [*_with_gap(groups[:place]), own, *groups[place:]]
        elif wanted and at is not None:
            [group] = _with_gap([groups[at]])
            groups[at] = replace(group, blocks=(*group.blocks, *wanted))
    return replace(section, groups=tuple(groups), order=section.order or template.order)


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
