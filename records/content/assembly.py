"""Rows to documents; ``records.content.storing`` goes the other way. Sections and rows hold one ``Document``.

A section's ``layout`` keeps what surrounds the texts: headings, slices, gaps, and where rows stand. Texts are in
``answers``; rows are models, in the order of their position.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

from records.composed import Asked, Kept
from records.document.exchange import from_json
from records.document.outline import (
    Answer,
    Block,
    Document,
    Group,
    Heading,
    Item,
    Loose,
    Part,
    Rows,
)
from records.document.outline import Check as CheckRow
from records.document.outline import Metric as MetricRow
from records.document.outline import Phase as PhaseHead
from records.document.outline import Row as DocumentRow
from records.document.outline import Section as DocumentSection
from records.models import (
    Check,
    Metric,
    Operation,
    Phase,
    RecoveryValidation,
    Risk,
    RollbackTrigger,
    Section,
    Step,
)
from records.models.row import Row, TitledRow

MODELS: dict[str, type[Row]] = {
    "steps": Step,
    "risks": Risk,
    "triggers": RollbackTrigger,
    "validations": RecoveryValidation,
    "checks": Check,
    "metrics": Metric,
}
# What a row model holds besides the document: plan facts for the annex. Their fields are "row.name".
ANNEX: dict[type[Row], tuple[str, ...]] = {
    Step: ("estimate", "host", "expected", "ask_before", "point_of_no_return", "witness"),
    Metric: ("limit", "lower_is_better"),
}


def _kept(which: str) -> dict[type[Row], Kept[Row]]:
    models: tuple[type[Row], ...] = (*MODELS.values(), Phase)
    return {model: Kept(partial(model._default_manager.filter, **{which: Asked("of")})) for model in models}


_in_section, _in_record = _kept("section"), _kept("section__operation")
_sections = Kept(lambda: Section.objects.filter(operation=Asked("operation")))


@dataclass(slots=True)
class Loaded:
    """A section with its document and the models of its rows by key."""

    section: Section
    document: DocumentSection
    rows: dict[str, Row] = field(default_factory=dict)
    phases: dict[str, Phase] = field(default_factory=dict)

    def annex(self) -> dict[str, str]:
        """The plan facts of the rows as fields ("row.estimate"), as text; flags are "yes" or empty."""
        return {
            f"{row.key}.{name}": annex_text(getattr(row, name))
            for row in self.rows.values()
            for name in ANNEX.get(type(row), ())
        }


def annex_text(value: object) -> str:
    """A plan fact as the text of its field."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def document_of(operation: Operation) -> Document:
    """The record as a document. One query for the sections, one for each kind of row that occurs in them."""
    return document_in_all(operation, load_all(operation))


def load_all(operation: Operation) -> list[Loaded]:
    """Every section of the record, with documents and rows; as many queries as ``document_of``."""
    sections = _sections(operation=operation.pk)
    for section in sections:
        section.operation = operation
    return _load(sections, lambda model: _in_record[model](of=operation.pk))


def document_in_all(operation: Operation, sections: Iterable[Loaded]) -> Document:
    """The document that ``sections``, all of the record, hold."""
    return Document(tuple(loaded.document for loaded in sections), operation.front)


def load(sections: Sequence[Section]) -> list[Loaded]:
    """The documents and rows of ``sections``, some of one record."""
    ids = [section.pk for section in sections]
    if len(ids) == 1:
        return _load(sections, lambda model: _in_section[model](of=ids[0]))
    return _load(sections, lambda model: model._default_manager.filter(section__in=ids))


def _load(sections: Sequence[Section], rows_of: Callable[[type[Row]], Iterable[Row]]) -> list[Loaded]:
    kinds = {kind for section in sections for group in section.layout["groups"] for kind in _kinds(group)}
    phases: dict[int, dict[str, Phase]] = defaultdict(dict)
    rows: dict[int, dict[str, Row]] = defaultdict(dict)
    if any("phase" in group for section in sections for group in section.layout["groups"]):
        for phase in cast(Iterable[Phase], rows_of(Phase)):
            phases[phase.section_id][phase.key] = phase
            kinds.update(_kinds(phase.layout))
    for kind in sorted(kinds):
        for row in rows_of(MODELS[kind]):
            rows[row.section_id][row.key] = row
    return [_loaded(section, phases[section.pk], rows[section.pk]) for section in sections]


def _kinds(layout: Mapping[str, Any]) -> Iterable[str]:
    return (block["kind"] for block in layout.get("blocks", ()) if block["type"] == "rows")


def _loaded(section: Section, phases: dict[str, Phase], rows: dict[str, Row]) -> Loaded:
    by_block: dict[str, list[Row]] = defaultdict(list)
    for row in rows.values():
        by_block[row.block].append(row)
    groups = []
    for group in section.layout["groups"]:
        if "phase" in group:
            groups.append(_phase_group(phases[group["phase"]], section, by_block))
        else:
            groups.append(
                Group(group["key"], _heading(group), _blocks(group["blocks"], section.answers, by_block), None)
            )
    kind = cast(Any, section.kind)
    order = tuple(section.layout.get("order", ()))
    document = DocumentSection(section.key, kind, _heading(section.layout), tuple(groups), order)
    return Loaded(section, document, rows, phases)


def _phase_group(phase: Phase, section: Section, rows: Mapping[str, list[Row]]) -> Group:
    head = PhaseHead(phase.word, phase.number, phase.title, phase.window, phase.slice.get("read_as", ""))
    return Group(phase.key, _heading(phase.layout), _blocks(phase.layout["blocks"], section.answers, rows), head)


def _heading(layout: Mapping[str, Any]) -> Heading | None:
    return from_json(layout["heading"], Heading) if layout.get("heading") else None


def _blocks(
    layout: Sequence[Mapping[str, Any]], answers: Mapping[str, str], rows: Mapping[str, list[Row]]
) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for block in layout:
        if block["type"] == "rows":
            own = tuple(_row(row) for row in sorted(rows.get(block["key"], ()), key=lambda row: row.position))
            blocks.append(replace(from_json({**block, "rows": []}, Rows), rows=own))
        else:
            cls: type[Answer] | type[Loose] = Answer if block["type"] == "answer" else Loose
            blocks.append(from_json({**block, "text": answers[block["key"]]}, cls))
    return tuple(blocks)


def _row(row: Row) -> DocumentRow:
    if row.loose:
        return Loose(row.key, row.text, **row.slice)  # type: ignore[attr-defined]
    if isinstance(row, TitledRow):
        parts = tuple(_part(part) for part in row.parts)
        return Item(row.key, row.title, row.text, parts, **row.slice)
    if isinstance(row, Check):
        return CheckRow(row.key, row.text, row.ticked, **row.slice)
    assert isinstance(row, Metric)
    return MetricRow(row.key, row.name, row.before, row.after, row.unit, **row.slice)


def _part(data: Mapping[str, Any]) -> Part:
    carrier = {"type": "item", "key": "", "title": "", "text": "", "parts": [data]}
    return from_json(carrier, Item).parts[0]
