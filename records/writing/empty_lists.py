"""Lists of the template of which a record has no row: steps, checks, triggers, risks and the like that are due."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from records.document.fields import Field
from records.document.outline import Group, Rows, Section
from records.models import Outline


def section_in(outline: Outline | None, key: str) -> Section | None:
    """The template's section ``key``, if it has one."""
    return next((own for own in outline.document.sections if own.key == key), None) if outline else None


def empty_lists(section: Section, outline: Outline, level: str) -> list[tuple[Group, Rows]]:
    """The template's lists that are due at risk ``level`` and of whose kind ``section`` has no row at all, whichever of
    them it has left: one phase, or the risks of one degree, may be gone. So may all quantities: not every change
    has one that is measured.
    """
    own = section_in(outline, section.key)
    there = {block.kind for block in section.blocks() if isinstance(block, Rows) and block.rows}
    lists = [(group, block) for group in own.groups for block in group.blocks if isinstance(block, Rows)] if own else []
    return [
        (group, block)
        for group, block in lists
        if block.kind not in (*there, "metrics")
        and any(outline.settings.is_asked(row.key, level) for row in block.rows)
    ]


def lists_to_fill(section: Section, outline: Outline, level: str) -> Iterator[Field]:
    """What is asked for of the empty lists: one row of each kind, where the record has a list for it, if it has one."""
    empty = empty_lists(section, outline, level)
    here = {block.key for block in section.blocks() if isinstance(block, Rows)}
    for kind in dict.fromkeys(block.kind for _group, block in empty):
        lists = [(group, block) for group, block in empty if block.kind == kind]
        group, block = next((one for one in lists if one[1].key in here), lists[0])
        yield Field(f"{block.key}.rows", _label(group, block), "", "list", group.key)


def lists_gone(section: Section, outline: Outline, level: str) -> set[str]:
    """The empty lists that the record has no place for any more, of the kinds of which it has none."""
    empty = [block for _group, block in empty_lists(section, outline, level)]
    kinds = {block.kind for block in section.blocks() if isinstance(block, Rows)}
    return {block.key for block in empty if block.kind not in kinds}


def _label(group: Group, block: Rows) -> str:
    words = {
        "steps": _("at least one step"),
        "risks": _("at least one risk"),
        "checks": _("at least one check"),
        "triggers": _("at least one trigger"),
        "validations": _("at least one validation"),
    }[block.kind]
    return words if group.phase or not group.title else f"{group.title}: {words}"
