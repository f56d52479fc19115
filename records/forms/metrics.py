"""Measured quantities: name, value before, and where two values are compared the one after, unit, limit, direction."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.document.outline import Group, Loose, Metric, Rows
from records.forms.answers import loose
from records.forms.controls import Control, row_anchor
from records.forms.items import words_of
from records.forms.marks import MEASURED
from records.forms.sheet import Sheet


@dataclass(slots=True)
class MetricShown:
    """One quantity; ``cells`` are its controls in the order of the columns."""

    key: str
    title: str
    cells: list[Control]
    first: bool
    last: bool
    loose: Control | None = None

    @property
    def anchor(self) -> str:
        """Where links to the row lead."""
        return row_anchor(self.key)


@dataclass(slots=True)
class Metrics:
    """The rows of a table of quantities."""

    partial = "records/section/_metrics.html"
    key: str
    rows: list[MetricShown]
    columns: list[str]
    structure: tuple[str, str]
    add: str
    locked: bool

    @property
    def has_limits(self) -> bool:
        """Whether two values are compared, and may have a limit."""
        return any(c.key.endswith(".limit") for row in self.rows for c in row.cells)

    @property
    def source(self) -> str:
        """Where the values that are offered are known from."""
        return next((c.proposal.source for row in self.rows for c in row.cells if c.proposal), "")


def metrics(sheet: Sheet, group: Group, block: Rows, number: str = "") -> Metrics:
    """The editor of ``block``."""
    own = [row for row in block.rows if isinstance(row, Metric)]
    compared = any(row.after is not None for row in own) or "→" in block.opening
    after = sheet.operation.state in MEASURED or any(
        row.after is not None and not sheet.is_empty(f"{row.key}.after", row.after, "value") for row in own
    )
    columns = [_("Metric"), _("Before") if compared else _("Value")]
    if compared:
        columns += [*([_("After")] if after else []), _("Unit"), _("Limit"), _("Better")]
    rows = []
    for at, row in enumerate(block.rows, 1):
        first, last = at == 1, at == len(block.rows)
        if isinstance(row, Metric):
            cells = _cells(sheet, row, columns, compared, after)
            rows.append(MetricShown(row.key, cells[0].value or _("new metric"), cells, first, last))
        elif isinstance(row, Loose):
            control = loose(sheet, row)
            rows.append(MetricShown(row.key, control.label, [], first, last, control))
    key = f"{block.key}.rows"
    return Metrics(block.key, rows, columns, sheet.structure(key), words_of("metrics")[1], sheet.is_locked(key))


def _cells(sheet: Sheet, row: Metric, columns: list[str], compared: bool, after: bool) -> list[Control]:
    cells = [
        sheet.control(f"{row.key}.name", columns[0], row.name, "name"),
        _value(sheet, f"{row.key}.before", columns[1], row.before),
    ]
    if not compared:
        return cells
    if after:
        cells.append(_value(sheet, f"{row.key}.after", _("After"), row.after or ""))
    unit = sheet.control(f"{row.key}.unit", _("Unit"), row.unit, "fence", "line")
    unit.value, unit.hint, unit.sample, unit.tools = sheet.posted.get(unit.key, row.unit), "", "", False
    better = sheet.annex(row.key, "lower_is_better", _("Better"), "select")
    better.options = (("", _("not said")), ("yes", _("lower")), ("no", _("higher")))
    return [*cells, unit, sheet.annex(row.key, "limit", _("Limit")), better]


def _value(sheet: Sheet, key: str, label: str, text: str) -> Control:
    """A value; a hint that only repeats what the field is called is left out."""
    control = sheet.control(key, label, text, "value")
    if key.endswith(f".{control.hint}"):
        control.hint = ""
    return control
