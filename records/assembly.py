"""Rows to documents and back: a record's sections and rows hold exactly one ``Document``, and nothing twice.

A section's ``layout`` keeps what surrounds the texts: headings, slices, gaps, and where rows stand. Texts are in
``answers``; rows are models, in the order of their position.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from django.db.models import Model

from records.document.exchange import from_json, to_json
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
from records.document.shapes import TREATMENT
from records.models import (
    Check,
    Metric,
    Operation,
    Phase,
    RecoveryValidation,
    Risk,
    RollbackPlan,
    RollbackTrigger,
    Section,
    Step,
)
from records.models.row import Row, TitledRow
from records.times import window_in

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
    Step: ("estimate", "host", "expected", "ask_before", "point_of_no_return"),
    Metric: ("limit", "lower_is_better"),
}
PHASE_COLUMNS = ["position", "number", "word", "title", "window", "start", "end", "layout", "slice"]


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
            f"{row.key}.{name}": _annex_text(getattr(row, name))
            for row in self.rows.values()
            for name in ANNEX.get(type(row), ())
        }


def _annex_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _annex_value(model: type[Row], name: str, text: str) -> object:
    if name == "point_of_no_return":
        return text in ("yes", "on", "true")
    if name == "lower_is_better":
        return {"yes": True, "no": False}.get(text)
    limit = model._meta.get_field(name).max_length  # type: ignore[union-attr]
    if limit and len(text) > limit:
        raise ValueError(f"This is longer than {limit} characters: {text[:40]}…")
    return text


# ---------------------------------------------------------------- rows to documents


def document_of(operation: Operation) -> Document:
    """The record as a document. One query for the sections, one for each kind of row that occurs in them."""
    sections = list(operation.sections.all())
    return Document(tuple(loaded.document for loaded in load(sections)), operation.front)


def load(sections: Sequence[Section]) -> list[Loaded]:
    """The documents and rows of ``sections``, which belong to one record."""
    kinds = {kind for section in sections for kind in _kinds(section)}
    ids = [section.pk for section in sections]
    phases: dict[int, dict[str, Phase]] = defaultdict(dict)
    rows: dict[int, dict[str, Row]] = defaultdict(dict)
    if any("phase" in group for section in sections for group in section.layout["groups"]):
        for phase in Phase.objects.filter(section__in=ids):
            phases[phase.section_id][phase.key] = phase
        kinds.add("steps")
    for kind in sorted(kinds):
        for row in MODELS[kind]._default_manager.filter(section__in=ids):
            rows[row.section_id][row.key] = row
    return [_loaded(section, phases[section.pk], rows[section.pk]) for section in sections]


def _kinds(section: Section) -> Iterable[str]:
    for group in section.layout["groups"]:
        for block in group.get("blocks", ()):
            if block["type"] == "rows":
                yield block["kind"]


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


# ---------------------------------------------------------------- documents to rows


def create(operation: Operation, document: Document, levels: Sequence[str]) -> list[Loaded]:
    """Store ``document`` as the sections and rows of a record that has none yet."""
    operation.front = document.front
    sections = [
        Section(operation=operation, key=own.key, kind=own.kind, title=own.title[:300], position=at)
        for at, own in enumerate(document.sections)
    ]
    loaded = []
    for section, own in zip(sections, document.sections, strict=True):
        section.layout, section.answers = layout_of(own)
    Section.objects.bulk_create(sections)
    for section, own in zip(sections, document.sections, strict=True):
        empty = Loaded(section, replace(own, groups=()))
        store_rows(empty, own, {}, levels)
        loaded.append(empty)
    return loaded


def layout_of(section: DocumentSection) -> tuple[dict[str, Any], dict[str, str]]:
    """What a Section row keeps of ``section``: its layout, and its texts by key."""
    answers: dict[str, str] = {}
    groups: list[dict[str, Any]] = []
    for group in section.groups:
        blocks = [_block_layout(block, answers) for block in group.blocks]
        if group.phase:
            groups.append({"phase": group.key})
        else:
            groups.append({"key": group.key, "heading": to_json(group.heading), "blocks": blocks})
    return {"heading": to_json(section.heading), "groups": groups, "order": list(section.order)}, answers


def _block_layout(block: Block, answers: dict[str, str]) -> dict[str, Any]:
    data = cast(dict[str, Any], to_json(block))
    if isinstance(block, Rows):
        del data["rows"]
    else:
        answers[block.key] = data.pop("text")
    return data


def store_rows(loaded: Loaded, new: DocumentSection, annex: Mapping[str, str], levels: Sequence[str]) -> None:
    """Make the row models of a section those of ``new``; only rows that changed are written.

    ``annex`` are fields of plan facts to set. Raises ValueError for one that does not fit.
    """
    phases = _store_phases(loaded, new)
    _store_plan(loaded, new)
    wanted: dict[str, tuple[type[Row], dict[str, Any]]] = {}
    for group in new.groups:
        for block in group.blocks:
            if isinstance(block, Rows):
                for at, row in enumerate(block.rows):
                    wanted[row.key] = MODELS[block.kind], _columns(loaded, group, block, row, at, phases, levels)
    changes: dict[type[Row], tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for key, (model, columns) in wanted.items():
        columns |= {
            name: _annex_value(model, name, annex[f"{key}.{name}"])
            for name in ANNEX.get(model, ())
            if f"{key}.{name}" in annex
        }
        own = loaded.rows.get(key)
        if own is None:
            row = model(section=loaded.section, key=key, **columns)
            changes[model][0].append(row)
            loaded.rows[key] = row
        elif any(not _is(own, name, value) for name, value in columns.items()):
            for name, value in columns.items():
                setattr(own, name, value)
            changes[model][1].append(own)
    _delete(loaded, set(wanted))
    for model, (fresh, changed) in changes.items():
        model._default_manager.bulk_create(fresh)
        if changed:
            names = [*wanted[changed[0].key][1], *ANNEX.get(model, ())]
            model._default_manager.bulk_update(changed, dict.fromkeys(names))
    _delete_phases(loaded, phases)


def _is(row: Row, name: str, value: object) -> bool:
    """Whether a column holds ``value``; of a relation only the id is compared, which asks the database nothing."""
    if isinstance(value, Model):
        return bool(getattr(row, f"{name}_id") == value.pk)
    return bool(getattr(row, name) == value)


def _delete(loaded: Loaded, wanted: set[str]) -> None:
    gone: dict[type[Row], list[int]] = defaultdict(list)
    for key in set(loaded.rows) - wanted:
        gone[type(loaded.rows[key])].append(loaded.rows.pop(key).pk)
    for model, ids in gone.items():
        model._default_manager.filter(pk__in=ids).delete()


def _store_phases(loaded: Loaded, new: DocumentSection) -> dict[str, Phase]:
    kept: dict[str, Phase] = {}
    fresh, changed = [], []
    for at, group in enumerate(new.groups):
        if not group.phase:
            continue
        columns = _phase_columns(group, at)
        phase = loaded.phases.get(group.key)
        if phase is None:
            phase = Phase(section=loaded.section, key=group.key, block=new.key, **columns)
            fresh.append(phase)
        elif any(getattr(phase, name) != value for name, value in columns.items()):
            for name, value in columns.items():
                setattr(phase, name, value)
            changed.append(phase)
        kept[group.key] = phase
    if fresh:
        Phase.objects.bulk_create(fresh)
    if changed:
        Phase.objects.bulk_update(changed, PHASE_COLUMNS)
    return kept


def _phase_columns(group: Group, at: int) -> dict[str, Any]:
    phase = group.phase
    assert phase is not None
    start, end = window_in(phase.window) or (None, None)
    return {
        "position": at,
        "word": phase.word,
        "number": phase.number,
        "title": phase.title,
        "window": phase.window,
        "start": start,
        "end": end,
        "slice": {"read_as": phase.read_as} if phase.read_as else {},
        "layout": {
            "heading": to_json(group.heading),
            "blocks": [_block_layout(block, {}) for block in group.blocks],
        },
    }


def _delete_phases(loaded: Loaded, kept: dict[str, Phase]) -> None:
    gone = [phase.pk for key, phase in loaded.phases.items() if key not in kept]
    if gone:
        Phase.objects.filter(pk__in=gone).delete()
    loaded.phases = kept


def _store_plan(loaded: Loaded, new: DocumentSection) -> None:
    """A section with procedures, triggers or validations has a rollback plan; it comes with the first of them."""
    kinds = {b.kind for g in new.groups if not g.phase for b in g.blocks if isinstance(b, Rows)}
    if kinds & {"steps", "triggers", "validations"} and not loaded.rows:
        RollbackPlan.objects.get_or_create(section=loaded.section)


def _columns(
    loaded: Loaded,
    group: Group,
    block: Rows,
    row: DocumentRow,
    at: int,
    phases: Mapping[str, Phase],
    levels: Sequence[str],
) -> dict[str, Any]:
    columns: dict[str, Any] = {"block": block.key, "position": at, "loose": isinstance(row, Loose)}
    names = ("source", "gap", "read_as", "head_gap", "number")
    columns["slice"] = {name: value for name in names if (value := getattr(row, name, None)) not in ("", None)}
    match row:
        case Item():
            columns |= {"title": row.title, "text": row.text, "parts": to_json(row.parts)}
        case CheckRow():
            columns |= {"text": row.text, "ticked": row.ticked}
        case MetricRow():
            columns |= {"name": row.name, "before": row.before, "after": row.after, "unit": row.unit}
        case Loose():
            columns |= {"text": row.text}
    if block.kind == "steps" and group.phase:
        columns["phase"] = phases[group.key]
    elif block.kind in ("steps", "triggers", "validations") and row.key not in loaded.rows:
        columns["plan"] = loaded.section.rollback_plan
    elif block.kind == "risks":
        treatment = TREATMENT.fullmatch(group.title)
        level = next((level for level in levels if level.lower() in group.title.lower().split()), "")
        columns |= {"level": level, "treatment": treatment["treatment"][:100] if treatment else ""}
    return columns
