"""The editor of a section: its groups, and in each the blocks; one function for each kind of block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.document.outline import Answer, Group, Loose, Rows
from records.document.phases import phase_names
from records.forms.answers import Fields, fields
from records.forms.checks import Checks, checks
from records.forms.controls import Control, Opened, row_anchor
from records.forms.items import Items, ItemShown, items
from records.forms.marks import open_keys
from records.forms.metrics import Metrics, metrics
from records.forms.sheet import Sheet
from records.run.time_plan import duration
from records.time_words import HINTS
from records.times import DAY, window_in
from records.writing.empty_lists import lists_gone

Shown = Fields | Items | Checks | Metrics

# A new kind of rows is a module like these and a line here.
EDITORS: dict[str, Callable[..., Any]] = {
    "steps": items,
    "risks": items,
    "triggers": items,
    "validations": items,
    "checks": checks,
    "metrics": metrics,
}


@dataclass(slots=True)
class GroupShown:
    """A group with its blocks. A phase has controls of its own and stands in a box that opens.

    ``name`` and ``numeral`` are a phase's alone: "Stage B" and "B".
    """

    key: str
    title: str
    blocks: list[Shown]
    name: str = ""
    numeral: str = ""
    controls: list[Control] = field(default_factory=list)
    note: str = ""
    open: bool = True
    first: bool = False
    last: bool = False
    missing: int = 0
    pill: tuple[str, str, str] = ("", "", "")
    unasked: bool = False
    unanswered: int = 0
    tools: bool = False
    locked: bool = False
    opened: Opened | None = None

    @property
    def anchor(self) -> str:
        """Where links to the group lead."""
        return row_anchor(self.key)


@dataclass(slots=True)
class Editor:
    """A whole section. ``structure`` are the hidden fields in which rows and phases have their order,
    ``gone`` the lists that are due, have no place and can be put back.
    """

    groups: list[GroupShown]
    structure: list[tuple[str, str]]
    has_phases: bool
    can_add_phase: bool
    gone: list[str]
    unasked: list[GroupShown] = field(default_factory=list)

    @property
    def unanswered(self) -> int:
        """How many of its fields this person can mark as not applicable, since nobody answered them."""
        return sum(group.unanswered for group in (*self.groups, *self.unasked))


def editor(sheet: Sheet) -> Editor:
    """The editor of the section in ``sheet``."""
    document = sheet.loaded.document
    names = phase_names(document)
    shown, number = [], 0
    for group in document.groups:
        number += group.phase is not None
        shown.append(_group(sheet, group, number if group.phase else 0, names))
    key = f"{document.key}.phases"
    structure = [sheet.structure(key)] if names else []
    return Editor(
        groups=[group for group in shown if not group.unasked],
        structure=structure,
        has_phases=bool(names),
        can_add_phase=bool(names) and not sheet.is_locked(key),
        gone=sorted(map(row_anchor, lists_gone(document, sheet.outline, sheet.level)))
        if sheet.outline and sheet.edit_plan
        else [],
        unasked=[group for group in shown if group.unasked],
    )


def _group(sheet: Sheet, group: Group, number: int, names: dict[str, str]) -> GroupShown:
    blocks = _blocks(sheet, group, str(number) if number else "")
    shown = GroupShown(group.key, group.title, blocks, locked=sheet.is_locked(f"{group.key}.title"))
    kinds = [block for block in blocks if isinstance(block, Fields)]
    shown.unasked = bool(blocks) and len(kinds) == len(blocks) and all(b.unasked and not b.controls for b in kinds)
    found = [key for key in open_keys(group.blocks, sheet.template, sheet.operation.state) if not sheet.is_locked(key)]
    shown.unanswered = len(found)
    shown.tools = bool(group.title) and not number and len(found) > 1
    if sheet.opened.key == group.key:
        shown.opened = sheet.opened
    shown.missing = sum(row.missing for b in blocks if isinstance(b, Items) for row in b.rows)
    if group.phase:
        _phase(sheet, group, shown, names)
    return shown


def _blocks(sheet: Sheet, group: Group, number: str) -> list[Shown]:
    """Neighbouring answers together, each kind of rows by its own editor."""
    found: list[Shown] = []
    run: list[Answer | Loose] = []
    for block in [*group.blocks, None]:
        if isinstance(block, Answer | Loose):
            run.append(block)
            continue
        if run:
            found.append(fields(sheet, run, group.title or sheet.loaded.document.title))
            run = []
        if isinstance(block, Rows):
            found.append(EDITORS[block.kind](sheet, group, block, number))
    return found


def _phase(sheet: Sheet, group: Group, shown: GroupShown, names: dict[str, str]) -> None:
    assert group.phase is not None
    shown.name = names[group.key]
    shown.numeral = shown.name.removeprefix(group.phase.word).strip()
    title = sheet.control(f"{group.key}.title", _("%s name") % group.phase.word, group.phase.title, "title")
    window = sheet.control(f"{group.key}.window", _("Window"), group.phase.window, "window")
    window.hint = str(HINTS["window"])
    shown.controls = [title, window]
    shown.title = title.value or _("New %s") % group.phase.word.lower()
    shown.missing += not window.value
    shown.first, shown.last = group.key == next(iter(names)), group.key == next(reversed(names))
    rows = _rows(shown)
    shown.pill = _pill(shown, window, rows)
    steps = ngettext("%d step", "%d steps", len(rows)) % len(rows)
    pair = window_in(window.value)
    clock = [f"{minute // 60:02}:{minute % 60:02}" for minute in pair or ()]
    shown.note = (
        f"{clock[0]} {_('to')} {clock[1]}, {duration((pair[1] - pair[0]) % DAY or DAY)}, {steps}" if pair else steps
    )
    here = {sheet.at, sheet.opened.key} & {group.key, title.key, window.key}
    shown.open = bool(
        shown.missing or here or sheet.all_open or title.error or window.error or any(row.open for row in rows)
    )
    if sheet.at.startswith(group.key + "/"):
        shown.open = True


def _rows(shown: GroupShown) -> list[ItemShown]:
    return next((block.rows for block in shown.blocks if isinstance(block, Items)), [])


def _pill(shown: GroupShown, window: Control, rows: Sequence[ItemShown]) -> tuple[str, str, str]:
    """Tint, icon and words of how far a phase is."""
    if not shown.missing and (window.carried or any(row.pill[1] == "copy" for row in rows)):
        return "warn", "copy", _("Carried over, check")
    if not shown.missing:
        return "plain", "check", _("Complete")
    if not window.value and all(row.pill[1] == "empty" for row in rows):
        return "", "empty", _("Not started")
    return "info", "half", _("In progress")
