"""A run that was started as an emergency: what the operator said, and which rows nobody planned."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.content.assembly import document_of
from records.document.answers import is_constant
from records.document.exchange import from_json
from records.document.fields import fields_of, table_of
from records.document.outline import Document, Rows, Section
from records.models import Operation, OperationTemplate, Revision, Step, outline_of
from records.models.row import Row
from records.models.states import UNDER_WAY
from records.refusals import WrongOrder
from records.run.plan import PlannedCheck, PlannedMetric, PlannedStep, RunPlan, run_plan

# What is asked at an emergency start, as ``Operation.emergency`` keeps it.
QUESTIONS = {
    "doing": gettext_lazy("What do you do?"),
    "where": gettext_lazy("To what?"),
    "way_back": gettext_lazy("How do you undo it?"),
    "awake": gettext_lazy("Who is awake?"),
    "why": gettext_lazy("Why now, before an approval?"),
}
WORKING_DAYS = 2
SATURDAY = 5
PlannedRow = TypeVar("PlannedRow", PlannedStep, PlannedCheck, PlannedMetric)
OneRow = TypeVar("OneRow", bound=Row)


def plan_due(at: dt.datetime) -> dt.datetime:
    """When the rest of the plan is due: two working days after the start, Saturdays and Sundays left out."""
    due, left = at, WORKING_DAYS
    while left:
        due += dt.timedelta(days=1)
        left -= due.astimezone(dt.UTC).weekday() < SATURDAY
    return due


def told_of(operation: Operation) -> list[tuple[str, str]]:
    """What was said at an emergency start: each question with its answer; nothing for any other record."""
    return [(str(words), operation.emergency[name]) for name, words in QUESTIONS.items() if operation.emergency]


def unapproved_words(operation: Operation) -> str:
    """That nobody approved it before it was done, and why not; empty for what was sent for review."""
    if operation.emergency:
        return _("Nobody approved it: started as an emergency")
    return _("Nobody approved it: recorded afterwards") if operation.afterwards_reason else ""


def refuse_in_emergency(operation: Operation, words: str) -> None:
    """Raises WrongOrder with ``words`` if nobody approved what is running."""
    if operation.emergency:
        raise WrongOrder(words)


def in_the_run(operation: Operation, rows: Iterable[OneRow]) -> list[OneRow]:
    """Those of ``rows`` that are work of the run: all of them, but in an emergency whose plan is still to be written.

    There it is what stood in it at the start, and what was added since. What only the template has nobody planned, and
    what was written down after the work, before the run was opened again, is told of by the steps that were added.
    At most one query.
    """
    rows = list(rows)
    if operation.plan_due_at is None or operation.state not in UNDER_WAY:
        return rows
    revision = operation.revisions.only("content").order_by("-number").first()
    if revision is None:
        return rows
    planned = _written(bytes(revision.content), *_texts(operation.template))
    return [row for row in rows if row.key in planned or (isinstance(row, Step) and row.unplanned)]


def refuse_outside_the_run(operation: Operation, row: Row) -> None:
    """Raises WrongOrder for a row that is no work of the run."""
    if not in_the_run(operation, [row]):
        raise WrongOrder(_("“%s” was not planned when the emergency began. Add a step for what you do.") % row)


def plan_of(operation: Operation, revision: Revision) -> RunPlan:
    """The frozen plan of ``revision``; of one that is still to be written, what somebody wrote of it."""
    plan = run_plan(revision, operation.template)
    return written_part(plan, blank_rows(revision, operation.template)) if operation.plan_due_at else plan


def written_part(plan: RunPlan, blank: frozenset[str]) -> RunPlan:
    """``plan`` without the rows that nobody wrote, and without phases that have no others."""
    phases = [replace(phase, steps=_without(phase.steps, blank)) for phase in plan.phases]
    return replace(
        plan,
        phases=tuple(phase for phase in phases if phase.steps),
        procedures=_without(plan.procedures, blank),
        triggers=tuple(item for item in plan.triggers if item.key not in blank),
        validations=tuple(item for item in plan.validations if item.key not in blank),
        checks=_without(plan.checks, blank),
        metrics=_without(plan.metrics, blank),
    )


def _without(rows: tuple[PlannedRow, ...], blank: frozenset[str]) -> tuple[PlannedRow, ...]:
    return tuple(row for row in rows if row.key not in blank)


def blank_rows(revision: Revision, template: OperationTemplate | None) -> frozenset[str]:
    """The rows of ``revision``, by key, that say nothing but what the template says."""
    return _blank(bytes(revision.content), *_texts(template))


def _texts(template: OperationTemplate | None) -> tuple[str, str]:
    return (template.text, template.toml) if template else ("", "")


# A page that is polled every few seconds asks this of the same bytes.
@lru_cache(maxsize=32)
def _blank(content: bytes, text: str, toml: str) -> frozenset[str]:
    return frozenset(_as_given(from_json(json.loads(content), Document), text, toml)) if text else frozenset()


@lru_cache(maxsize=32)
def _written(content: bytes, text: str, toml: str) -> frozenset[str]:
    rows = (key for section in from_json(json.loads(content), Document).sections for key in _rows_in(section))
    return frozenset(rows) - _blank(content, text, toml)


def unwritten_rows(operation: Operation, document: Document | None = None) -> frozenset[str]:
    """The rows, by key, in which the template's placeholders or sample commands still stand, as the record (or its
    ``document``) is written now.
    """
    if operation.template is None:
        return frozenset()
    document = document or document_of(operation)
    rows = _as_given(document, operation.template.text, operation.template.toml)
    shapes = {field.key: field.shape for section in document.sections for field in fields_of(section)}
    return frozenset(
        key for key, own in rows.items() if not all(_asks_nothing(shapes[name], text) for name, text in own.items())
    )


def _asks_nothing(shape: str, text: str) -> bool:
    return shape == "structure" or not text or (shape != "commands" and is_constant(text))


def _as_given(document: Document, text: str, toml: str) -> dict[str, dict[str, str]]:
    """The rows that say nothing but what the template says, by key, with their fields."""
    samples = {section.key: table_of(section) for section in outline_of(text, toml).document.sections}
    found: dict[str, dict[str, str]] = {}
    for section in document.sections:
        table, sample = table_of(section), samples.get(section.key, {})
        found |= {key: _of(table, key) for key in _rows_in(section) if _of(table, key) == _of(sample, key)}
    return found


def _rows_in(section: Section) -> list[str]:
    blocks = (block for group in section.groups for block in group.blocks if isinstance(block, Rows))
    return [row.key for block in blocks for row in block.rows]


def _of(table: Mapping[str, str], row: str) -> dict[str, str]:
    """The fields of a row."""
    return {key: text for key, text in table.items() if key == row or key.startswith((f"{row}.", f"{row}/"))}
