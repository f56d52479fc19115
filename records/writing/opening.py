"""Starting a record from the few facts that a template's lines hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from records import audit
from records.document.outline import Document
from records.document.with_fields import with_fields
from records.models import Operation, OperationTemplate, Outline, Person, outline_of
from records.times import first_date_in, start_in
from records.writing.drafting import store_document
from records.writing.naming import free_id, id_words
from records.writing.people import tell_named
from records.writing.readiness import template_table
from records.writing.section_writing import with_absent

# What a record without a template is asked by: nothing.
NO_TEMPLATE = outline_of("", "")


@dataclass(frozen=True, slots=True)
class Opening:
    """What is said of a record at its start; everything as it was written, everything but the title may be empty."""

    title: str
    date: str = ""
    time: str = ""
    risk: str = ""
    impact: str = ""
    operation_id: str = ""
    operator: Person | None = None
    supervisor: Person | None = None


def open_record(
    opening: Opening, *, author: Person, template: OperationTemplate, at: dt.datetime | None = None
) -> Operation:
    """A new draft of ``template`` that says ``opening``: in its lines where the template binds them, else beside them.

    Raises Refused for an operation ID that another record has, Unusable for a text that can't be stored.
    """
    at = at or timezone.now()
    with transaction.atomic():
        operation = open_document(opening, template.outline.document, author=author, template=template, at=at)
        audit.record("create", operation=operation, person=author, at=at, template=str(template))
    return operation


def open_document(
    opening: Opening,
    document: Document,
    *,
    author: Person,
    template: OperationTemplate | None,
    at: dt.datetime,
    annex: Mapping[str, str] | None = None,
    cloned_from: Operation | None = None,
) -> Operation:
    """A draft that holds ``document``, saying ``opening``; to be called inside the transaction of an act."""
    outline = template.outline if template else NO_TEMPLATE
    texts = _texts(opening, outline)
    lines = {fact: line.key for fact in texts if (line := outline.bound(fact))}
    values = {"title": opening.title} | {key: texts[fact] for fact, key in lines.items() if texts[fact]}
    sections = (with_absent(section, values, outline) for section in document.sections)
    said = tuple(with_fields(section, values, template_table(section.key, outline)) for section in sections)
    document = replace(document, sections=said)
    operation = store_document(author=author, template=template, document=document, at=at, annex=annex)
    columns = _beside(opening, texts, lines) | {"operator": opening.operator, "supervisor": opening.supervisor}
    columns["cloned_from"] = cloned_from
    for name, value in columns.items():
        setattr(operation, name, value)
    operation.save(update_fields=list(columns))
    people = {"operator": opening.operator, "supervisor": opening.supervisor}
    tell_named(operation, {name: [one] for name, one in people.items() if one}, by=author, at=at)
    return operation


def _texts(opening: Opening, outline: Outline) -> dict[str, str]:
    """What the bound lines are to say, by fact."""
    day, words, pattern = first_date_in(opening.date), id_words(opening.title), outline.settings.id_pattern
    wanted = opening.operation_id or (free_id(pattern, day, words) if day and words and pattern else "")
    line = outline.bound("id")
    ticked = f"`{wanted}`" if wanted and line and line.text.startswith("`") else wanted
    return {
        "id": ticked,
        "date": opening.date,
        "time": opening.time,
        "operator": str(opening.operator) if opening.operator else "",
        "supervisor": str(opening.supervisor) if opening.supervisor else "",
        "risk": opening.risk,
        "impact": opening.impact,
    }


def _beside(opening: Opening, texts: Mapping[str, str], lines: Mapping[str, str]) -> dict[str, Any]:
    """The columns of facts that no line of the template tells."""
    columns: dict[str, Any] = {}
    if "date" not in lines:
        start = start_in(opening.date, opening.time or "00:00")
        columns["window_start"] = start.at if start else None
    if "impact" not in lines:
        columns["service_impact"] = opening.impact[:60]
    if "id" not in lines:
        columns["operation_id"] = texts["id"] or None
    return columns
