"""Documents to rows: sections with their layout, and row models, of which only the changed ones are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from django.db.models import Model
from django.utils.translation import gettext as _

from records.content.assembly import ANNEX, MODELS, Loaded
from records.document.exchange import to_json
from records.document.outline import (
    Block,
    Document,
    Group,
    Item,
    Loose,
    Rows,
)
from records.document.outline import Check as CheckRow
from records.document.outline import Metric as MetricRow
from records.document.outline import Row as DocumentRow
from records.document.outline import Section as DocumentSection
from records.document.shapes import TREATMENT
from records.models import (
    Operation,
    Phase,
    RollbackPlan,
    Section,
    StepStatus,
)
from records.models.row import Row, TitledRow
from records.refusals import Unusable
from records.times import window_in

_LINES: dict[type[Model], list[str]] = {Section: ["layout"], Phase: ["number", "slice", "layout"]}
PHASE_COLUMNS = ["position", "number", "word", "title", "window", "start", "end", "layout", "slice"]


def create(operation: Operation, document: Document, levels: Sequence[str], annex: Mapping[str, str]) -> list[Loaded]:
    """Store ``document`` as the sections and rows of a record that has none yet, with the plan facts in ``annex``."""
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
        store_rows(empty, own, annex, levels)
        loaded.append(empty)
    return loaded


def store_lines(sections: Sequence[Loaded], document: Document) -> None:
    """Keep the slices of ``document``, which says what ``sections``, all of its record, say; only those that differ."""
    changed: dict[type[Model], list[Model]] = defaultdict(list)

    def keep(row: Model, **columns: object) -> None:
        if any(getattr(row, name) != value for name, value in columns.items()):
            for name, value in columns.items():
                setattr(row, name, value)
            changed[type(row)].append(row)

    for loaded, own in zip(sections, document.sections, strict=True):
        keep(loaded.section, layout=layout_of(own)[0])
        for group in own.groups:
            if group.phase:
                keep(loaded.phases[group.key], number=group.phase.number, **_phase_lines(group))
            for row in (row for block in group.blocks if isinstance(block, Rows) for row in block.rows):
                parts = {"parts": to_json(row.parts)} if isinstance(row, Item) else {}
                keep(loaded.rows[row.key], slice=_slice(row), **parts)
        loaded.document = own
    for model, rows in changed.items():
        names = _LINES.get(model) or (["slice", "parts"] if issubclass(model, TitledRow) else ["slice"])
        model._default_manager.bulk_update(rows, names)


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

    ``annex`` are fields of plan facts to set. Raises Unusable for one that does not fit.
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
        if own is not None and type(own) is not model:
            own.delete()  # rows of another kind stand under that name now
            own = None
        if own is None:
            loaded.rows[key] = model(section=loaded.section, key=key, **columns)
            changes[model][0].append(loaded.rows[key])
        elif any(not _is(own, name, value) for name, value in columns.items()):
            for name, value in columns.items():
                setattr(own, name, value)
            changes[model][1].append(own)
    _delete(loaded, set(wanted))
    for model, (fresh, changed) in changes.items():
        model._default_manager.bulk_create(fresh)
        if changed:
            names = [*(name for row in changed for name in wanted[row.key][1]), *ANNEX.get(model, ())]
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
        if getattr(loaded.rows[key], "status", StepStatus.TODO) != StepStatus.TODO:
            raise Unusable(_("“%s” was worked in the run, so it stays in the plan.") % loaded.rows[key])
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
        **_phase_lines(group),
    }


def _phase_lines(group: Group) -> dict[str, Any]:
    blocks = [_block_layout(block, {}) for block in group.blocks]
    return {
        "slice": {"read_as": group.phase.read_as} if group.phase and group.phase.read_as else {},
        "layout": {"heading": to_json(group.heading), "blocks": blocks},
    }


def _delete_phases(loaded: Loaded, kept: dict[str, Phase]) -> None:
    gone = [phase.pk for key, phase in loaded.phases.items() if key not in kept]
    if gone:
        Phase.objects.filter(pk__in=gone).delete()
    loaded.phases = kept


def _store_plan(loaded: Loaded, new: DocumentSection) -> None:
    """A section with procedures, triggers or validations has a rollback plan; it comes with the first of them."""
    kinds = {b.kind for g in new.groups if not g.phase for b in g.blocks if isinstance(b, Rows)}
    if kinds & {"steps", "triggers", "validations"} and not any(
        getattr(row, "plan_id", None) for row in loaded.rows.values()
    ):
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
    columns["slice"] = _slice(row)
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
        columns |= {"phase": phases[group.key], "plan": None}
    elif block.kind in ("steps", "triggers", "validations") and not getattr(loaded.rows.get(row.key), "plan_id", None):
        # A step whose phase is none any more would go with that.
        columns |= {"phase": None} if block.kind == "steps" else {}
        columns["plan"] = loaded.section.rollback_plan
    elif block.kind == "risks":
        treatment = TREATMENT.fullmatch(group.title)
        level = next((level for level in levels if level.lower() in group.title.lower().split()), "")
        columns |= {"level": level, "treatment": treatment["treatment"][:100] if treatment else ""}
    return columns


def _slice(row: DocumentRow) -> dict[str, Any]:
    names = ("source", "gap", "read_as", "head_gap", "number")
    return {name: value for name in names if (value := getattr(row, name, None)) not in ("", None)}


def _annex_value(model: type[Row], name: str, text: str) -> object:
    if name in ("point_of_no_return", "witness"):
        return text in ("yes", "on", "true")
    if name == "lower_is_better":
        return {"yes": True, "no": False}.get(text)
    limit = model._meta.get_field(name).max_length  # type: ignore[union-attr]
    if limit and len(text) > limit:
        raise Unusable(f"This is longer than {limit} characters: {text[:40]}…")
    return text
