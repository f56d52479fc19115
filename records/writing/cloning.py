"""Cloning: a new draft with the texts of an earlier record, without its dates, people, decisions and results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from django.utils import timezone

from records import audit
from records.content.assembly import load_all
from records.content.facts import bound_text
from records.content.freezing import is_filler
from records.document.answers import ToConfirm
from records.document.fields import Field, fields_of, with_fields
from records.document.outline import Document
from records.document.outline import Section as DocumentSection
from records.document.plan import plan_of
from records.document.template_settings import Due
from records.library.versions import move_to_version
from records.life_cycle import acting
from records.models import Operation, OperationTemplate, Outline, Person, Section
from records.rights import may_see
from records.times import minutes_between, moved_window, time_of
from records.writing.marking import answered_in
from records.writing.opening import NO_TEMPLATE, Opening, open_document
from records.writing.readiness import state_of, template_table

CARRIED_PARTS: tuple[Due, ...] = ("plan", "open")
# What the short form says anew.
SAID = ("id", "date", "time", "operator", "supervisor", "risk", "impact")


def clone_record(
    source: Operation,
    *,
    opening: Opening,
    by: Person,
    onto: OperationTemplate | None = None,
    at: dt.datetime | None = None,
) -> Operation:
    """A draft of ``by`` that plans what ``source`` planned, saying ``opening``; in whatever state ``source`` is.

    It stands on the version of ``source``, or ``onto`` another one of the same template. What came over is marked until
    somebody looks at it. Raises Refused to whoever may not see ``source`` and for an operation ID that another record
    has, WrongOrder for another template, ValueError for a text that can't be stored.
    """
    at = at or timezone.now()
    with acting(source) as locked:
        may_see(by, locked).insist()
        outline = locked.outline or NO_TEMPLATE
        loaded = load_all(locked)
        document = Document(tuple(own.document for own in loaded), locked.front)
        before = bound_text(document, outline, "date"), bound_text(document, outline, "time")
        minutes = minutes_between(time_of(*before), time_of(opening.date, opening.time))
        annex = {key: text for own in loaded for key, text in own.annex().items() if text}
        operation = open_document(
            opening,
            carried_over(document, outline, minutes=minutes),
            author=by,
            template=locked.template,
            at=at,
            annex=annex,
            cloned_from=locked,
        )
        fields = _mark(operation, outline)
        audit.record("clone", operation=operation, person=by, at=at, source=locked.reference, fields=fields)
        if onto is not None:
            operation = move_to_version(operation, template=onto, by=by, at=at)
    return operation


def carried_over(record: Document, outline: Outline, *, minutes: int | None) -> Document:
    """What of ``record`` goes into its clone, whose phases are ``minutes`` later on the clock (None: nobody knows).

    Markdown that fits no shape goes over as it is, whatever is ticked or dated in it.
    """
    kept = plan_of(record, outline.document, outline.settings, CARRIED_PARTS)
    sections = (
        with_fields(section, dict(_left(section, outline, minutes)), template_table(section.key, outline))
        for section in kept.sections
    )
    return replace(kept, sections=tuple(sections))


def _left(section: DocumentSection, outline: Outline, minutes: int | None) -> Iterator[tuple[str, str]]:
    """The fields that begin anew: emptied, or windows at their new time.

    An answer "To confirm by DATE" was another night's question; a filler would answer for another risk level.
    """
    said = _said_anew(outline)
    for field in fields_of(section):
        if field.shape == "window":
            yield field.key, "" if minutes is None else moved_window(field.text, minutes)
        elif field.key in said or is_filler(field.text, outline) or isinstance(_state(field, outline), ToConfirm):
            yield field.key, ""


def _said_anew(outline: Outline) -> set[str]:
    return {line.key for fact in SAID if (line := outline.bound(fact))}


def _state(field: Field, outline: Outline) -> object:
    return state_of(field.text, field.shape, outline.texts.get(field.key, ""))


def _mark(operation: Operation, outline: Outline) -> int:
    """Note in each section which of its fields came over; how many there are."""
    loaded, said = load_all(operation), _said_anew(outline)
    for own in loaded:
        own.section.carried = [key for key in answered_in(own.document, outline) if key not in said]
    Section.objects.bulk_update([own.section for own in loaded], ["carried"])
    return sum(len(own.section.carried) for own in loaded)
