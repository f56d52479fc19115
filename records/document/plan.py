"""The plan text: the record with every part that is not plan set back to the template's own text (law 9)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

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
    rows = {r.key: r for s in template.sections for b in s.blocks() if isinstance(b, Rows) for r in b.rows}

    def plan(block: Block) -> Block:
        if isinstance(block, Loose):
            return block
        if isinstance(block, Answer):
            own = known.get(block.key)
            if own is None or settings.asked(block.key).part in parts:
                return block
            return replace(own, gap=block.gap)
        return replace(block, rows=tuple(_plan_row(row, rows.get(row.key)) for row in block.rows))

    sections = [
        replace(s, groups=tuple(replace(g, blocks=tuple(map(plan, g.blocks))) for g in s.groups))
        for s in record.sections
    ]
    return replace(record, sections=tuple(sections))


AFTER = "[after]"


def _plan_row(row: Row, own: Row | None) -> Row:
    match row:
        case Check():
            return replace(row, ticked=False)
        case Metric(after=str()):
            return _plan_metric(row, own if isinstance(own, Metric) else None)
        case Item() | Loose() | Metric():
            return row


def _plan_metric(row: Metric, own: Metric | None) -> Metric:
    """``row`` not measured yet, in the unit that its value before shows, else in its template's: the value after
    has no say.

    It is written anew even if it holds what it was read as, since its line may be spelled otherwise than that of
    a row that was filled.
    """
    after, before = own.after if own and own.after else AFTER, with_unit(row.before, row.unit)
    unit = unit_of(before)
    if own and not is_measured(before):
        unit = own.unit
    if unit == row.unit:
        return replace(row, after=after, read_as="")
    return replace(row, before=before, after=after + unit, unit="", read_as="")
