"""The columns of a record that are read off its text, so that lists need not read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from records.content.assembly import load, load_all
from records.content.facts import Facts, facts_of
from records.document.outline import Document
from records.document.outline import Section as DocumentSection
from records.models import Operation, Outline, Section
from records.models.operation import is_operation_id
from records.refusals import Unusable
from records.writing.readiness import progress

# Which line tells a column; where the template binds none, it is the record's own (``records.writing.opening``).
TOLD_BY = {
    "risk_level": "risk",
    "risk_rank": "risk",
    "service_impact": "impact",
    "window_start": "date",
    "window_end": "date",
    "operation_id": "id",
}


class IdTaken(Unusable):
    """Another record has this operation ID, in words."""


def apply_facts(operation: Operation, facts: Facts, outline: Outline | None, *, title_only: bool) -> list[str]:
    """Set the columns that are read off the text; the ID only while nothing was submitted. Returns the names of those
    that said something else.
    """
    columns = {
        "title": facts.title[:300],
        "risk_level": facts.risk_level[:60],
        "risk_rank": facts.risk_rank,
        "service_impact": facts.service_impact[:60],
        "window_start": facts.window_start,
        "window_end": facts.window_end,
    }
    if not title_only:
        # Another form stays in the text, and is mended before submission.
        columns["operation_id"] = facts.operation_id if is_operation_id(facts.operation_id) else None
    told = [name for name in columns if name == "title" or (outline and outline.bound(TOLD_BY[name]))]
    changed = [name for name in told if getattr(operation, name) != columns[name]]
    for name in changed:
        setattr(operation, name, columns[name])
    return changed


def follow_facts(operation: Operation, facts: Facts, outline: Outline | None, *, title_only: bool) -> list[str]:
    """As ``apply_facts``; a new risk level counts every section again. Returns the names of the columns."""
    level = operation.risk_level
    names = apply_facts(operation, facts, outline, title_only=title_only)
    if operation.risk_level != level:
        _count_again(operation, outline)
    return names


def follow_text(
    operation: Operation, section: Section, new: DocumentSection, changed: Iterable[str], *, at: dt.datetime
) -> None:
    """Bring the record's own columns up to date with the fields that a save ``changed`` in ``section``, now ``new``.

    Raises IdTaken for an operation ID that another record has.
    """
    names = ["updated_at"]
    operation.updated_at = at
    outline = operation.outline
    named = operation.operation_id
    lines = {line.key for fact in {*TOLD_BY.values(), "time", "end"} if outline and (line := outline.bound(fact))}
    keys = set(changed)
    if keys & {"title", *lines} or any(k.endswith((".window", ".phases")) for k in keys):
        facts = _facts_now(operation, section, new, lines, outline)
        names += follow_facts(operation, facts, outline, title_only=bool(operation.submitted_at))
    save_columns(operation, names, is_renamed=operation.operation_id != named)


def save_columns(operation: Operation, names: Iterable[str], *, is_renamed: bool) -> None:
    """Store the columns ``names``. Raises IdTaken for an operation ID that another record has."""
    if not is_renamed:
        operation.save(update_fields=names)
        return
    try:
        with transaction.atomic():
            operation.save(update_fields=names)
    except IntegrityError as error:
        message = _("There is a record %(id)s already; choose another operation ID.")
        raise IdTaken(message % {"id": operation.operation_id}) from error


def _facts_now(
    operation: Operation, section: Section, new: DocumentSection, lines: set[str], outline: Outline | None
) -> Facts:
    """The facts after a save. Of a record whose lines all stand in the header only that and the phases are read."""
    everything = any(not key.startswith("header/") for key in lines)
    wanted = [
        own
        for own in operation.sections.all()
        if own.pk != section.pk and (everything or own.kind == "header" or _has_phases(own))
    ]
    documents = {own.section.position: own.document for own in load(wanted)} | {section.position: new}
    return facts_of(Document(tuple(documents[at] for at in sorted(documents))), outline)


def _has_phases(section: Section) -> bool:
    return any("phase" in group for group in section.layout["groups"])


def _count_again(operation: Operation, outline: Outline | None) -> None:
    sections = load_all(operation)
    for own in sections:
        own.section.progress = progress(own.document, outline, operation.risk_level)
    Section.objects.bulk_update([own.section for own in sections], ["progress"])
