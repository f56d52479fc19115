"""What a page that stays open draws anew once something was saved: the lines of rows and phases, and its sign."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from records.content.assembly import load
from records.forms.editor import editor
from records.forms.items import Items
from records.forms.sheet import Sheet
from records.models import Person, Section
from records.rights import may_edit_close, may_edit_plan
from records.writing.section_status import SectionStatus


def drawn_anew(section: Section, person: Person) -> dict[str, Any]:
    """``heads``: what is written in each of those lines by now, as HTML by the line's anchor: names, counts, what is
    missing. ``marks``: by key of group and section, whether it has several fields left to be marked at once.
    """
    operation = section.operation
    rights = may_edit_plan(person, operation), may_edit_close(person, operation)
    shown = editor(Sheet(operation, operation.outline, load([section])[0], *rights))
    groups = [*shown.groups, *shown.unasked]
    blocks = [block for group in groups for block in group.blocks if isinstance(block, Items) and not block.short]
    rows = [row for block in blocks for row in block.rows]
    heads = {row.anchor: render_to_string("records/section/_row_head.html", {"row": row}) for row in rows}
    phases = (group for group in groups if group.name)
    heads |= {one.anchor: render_to_string("records/section/_phase_head.html", {"group": one}) for one in phases}
    marks = {group.key: group.tools for group in groups} | {section.key: shown.unanswered > 1}
    return {"heads": heads, "marks": marks}


def mark_of(status: SectionStatus) -> dict[str, str]:
    """How far a section is, as the sign that the side list shows: icon, words and tint."""
    _tint, icon, words = status.pill
    return {
        "icon": icon,
        "status": words,
        "tint": {"check": "ok", "alert": "warn", "copy": "warn", "chat": "warn"}.get(icon, ""),
    }
