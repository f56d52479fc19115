"""The plan text: the record with every part that is not plan set back to the template's own text (law 9)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from records.document.leaves import units_of
from records.document.outline import Answer, Block, Check, Document, Item, Loose, Metric, Row, Rows
from records.document.shapes import is_measured, unit_of, with_unit
from records.document.template_settings import Due, TemplateSettings
from records.document.write import write

PLAN: tuple[Due, ...] = ("plan",)


def plan_text(record: Document, template: Document, settings: TemplateSettings) -> str:
    """The text that approvers see and that their approval binds."""
    return write(plan_of(record, template, settings))


def plan_of(
    record: Document, template: Document, settings: TemplateSettings, parts: Collection[Due] = PLAN
) -> Document:
    """``record`` with ticks and after-values as in ``template``, and so the answers of other parts than ``parts``.

    Lines that no template knows count as plan. Blank lines between parts stay the record's own: answering
    never changes them.
    """
    known = {a.key: a for s in template.sections for a in s.answers()}
    planned = {b.key: b for s in template.sections for b in s.blocks() if isinstance(b, Rows)}
    rows = {row.key: row for block in planned.values() for row in block.rows}

    def plan(block: Block) -> Block:
        if isinstance(block, Loose):
            return block
        if isinstance(block, Answer):
            own = known.get(block.key)
            if own is None or settings.asked(block.key).part in parts:
                return block
            return replace(own, gap=block.gap)
        # By name, as reading tells them apart: a row that was renamed may have another key once it is read back.
        units = units_of(planned.get(block.key))
        return replace(block, rows=tuple(_plan_row(row, rows.get(row.key), units) for row in block.rows))

    sections = [
        replace(s, groups=tuple(replace(g, blocks=tuple(map(plan, g.blocks))) for g in s.groups))
        for s in record.sections
    ]
    return replace(record, sections=tuple(sections))


AFTER = "[after]"


def _plan_row(row: Row, own: Row | None, units: Mapping[str, str]) -> Row:
    match row:
        case Check():
            return replace(row, ticked=False)
        case Metric(after=str()):
            after = own.after if isinstance(own, Metric) and own.after else AFTER
            return _plan_metric(row, after, units.get(row.name))
        case Item() | Loose() | Metric():
            return row


def _plan_metric(row: Metric, after: str, asked: str | None) -> Metric:
    """``row`` not measured yet, in the unit that its value before shows, else in the one that the template has asked
    for under this name: neither the value after nor the key has a say.

    It is written anew even if it holds what it was read as, since its line may be spelled otherwise than that of
    a row that was filled.
    """
    before = with_unit(row.before, row.unit)
    unit = unit_of(before) if asked is None or is_measured(before) else asked
    if unit == row.unit:
        return replace(row, after=after, read_as="")
    return replace(row, before=before, after=after + unit, unit="", read_as="")
