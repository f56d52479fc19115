"""Verification checks: a line of text each; ticks come with the run."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.document.outline import Check, Group, Loose, Rows
from records.forms.answers import loose
from records.forms.controls import Control, row_anchor
from records.forms.items import words_of
from records.forms.sheet import Sheet


@dataclass(slots=True)
class CheckShown:
    """One check."""

    key: str
    number: int
    control: Control
    ticked: bool
    first: bool
    last: bool

    @property
    def anchor(self) -> str:
        """Where links to the row lead."""
        return row_anchor(self.key)


@dataclass(slots=True)
class Checks:
    """The rows of a checklist."""

    partial = "records/section/_checks.html"
    key: str
    rows: list[CheckShown]
    structure: tuple[str, str]
    add: str
    locked: bool


def checks(sheet: Sheet, group: Group, block: Rows, number: str = "") -> Checks:
    """The editor of a checklist."""
    rows = [
        CheckShown(row.key, at, _control(sheet, row, at), getattr(row, "ticked", False), at == 1, at == len(block.rows))
        for at, row in enumerate(block.rows, 1)
        if isinstance(row, Check | Loose)
    ]
    key = f"{block.key}.rows"
    return Checks(block.key, rows, sheet.structure(key), words_of("checks")[1], sheet.is_locked(key))


def _control(sheet: Sheet, row: Check | Loose, at: int) -> Control:
    if isinstance(row, Loose):
        return loose(sheet, row)
    return sheet.control(f"{row.key}.text", _("Check %(number)s") % {"number": at}, row.text, "check")
