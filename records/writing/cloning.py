"""Cloning: a new draft with the texts of an earlier record, without its dates, people, decisions and results.

Times go by kind: windows, and the time that a trigger names within the operation, move with the start, or are asked for
anew; another one may be a fact, such as that of a nightly job, and is named beside its field until somebody looked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils import timezone

from records import audit
from records.content.assembly import load_all
from records.content.facts import bound_text, window_of
from records.document.answers import ToConfirm
from records.document.fields import Field, fields_of
from records.document.fingerprints import is_as_read
from records.document.outline import Answer, Block, Document, Item, Rows
from records.document.outline import Section as DocumentSection
from records.document.plan import plan_of
from records.document.template_settings import Due
from records.document.with_fields import with_fields
from records.library.versions import move_to_version
from records.life_cycle import acting
from records.models import Operation, OperationTemplate, Outline, Person, Section
from records.rights import may_see
from records.times import clock_in, minutes_between, moved_clock, moved_window, named_clock, named_time, time_of
from records.writing.marking import answered_in
from records.writing.opening import NO_TEMPLATE, Opening, open_document
from records.writing.readiness import state_of, template_table
from records.writing.who_wrote import tell_who_wrote, writers_unapproved

CARRIED_PARTS: tuple[Due, ...] = ("plan", "open")
# What the short form says anew.
SAID = ("id", "date", "time", "end", "operator", "supervisor", "risk", "impact")


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
    somebody looks at it. Whoever wrote ``source`` has written in the clone's plan too, unless that was approved: then
    others have looked at the text, and its old authors may approve it like anybody. Raises Refused to whoever may not
    see ``source`` and for an operation ID that another record has, WrongOrder for another template, Unusable for a text
    that can't be stored.
    """
    at = at or timezone.now()
    with acting(source) as locked:
        may_see(by, locked).insist()
        outline = locked.outline or NO_TEMPLATE
        loaded = load_all(locked)
        document = Document(tuple(own.document for own in loaded), locked.front)
        before = bound_text(document, outline, "date"), bound_text(document, outline, "time")
        shift = _shift(time_of(*before), time_of(opening.date, opening.time))
        annex = {key: text for own in loaded for key, text in own.annex().items() if text}
        operation = open_document(
            opening,
            carried_over(document, outline, shift),
            author=by,
            template=locked.template,
            at=at,
            annex=annex,
            cloned_from=locked,
        )
        fields = _mark(operation, outline)
        audit.record("clone", operation=operation, person=by, at=at, source=locked.pk, fields=fields)
        tell_who_wrote(operation, writers_unapproved(locked), at=at, through="clone")
        if onto is not None:
            operation = move_to_version(operation, template=onto, by=by, at=at)
    return operation


@dataclass(frozen=True, slots=True)
class Shift:
    """How many minutes later on the clock a clone's phases are, and what is said in UTC; None where nobody knows."""

    minutes: int | None = None
    in_utc: int | None = None


def _shift(before: str, after: str) -> Shift:
    minutes = minutes_between(before, after)
    zones = {clock[0].tzinfo for clock in (clock_in(before), clock_in(after)) if clock}
    return Shift(minutes, minutes if zones == {dt.UTC} else None)


def carried_over(record: Document, outline: Outline, shift: Shift) -> Document:
    """What of ``record`` goes into its clone, whose phases are later by ``shift``.

    Markdown that fits no shape goes over as it is, whatever is ticked or dated in it.
    """
    kept = plan_of(record, outline.document, outline.settings, CARRIED_PARTS)
    start, end, _zone = window_of(record, outline)
    limits = {
        f"{item.key}.text": moved_clock(item.text, shift.in_utc if clock[1] else shift.minutes)
        for section in kept.sections
        for block in section.blocks()
        if isinstance(block, Rows) and block.kind == "triggers"
        for item in block.rows
        if isinstance(item, Item) and (clock := named_clock(item.text)) and named_time(item.text, start, end)
    }
    sections = (
        with_fields(section, limits | dict(_left(section, outline, shift)), template_table(section.key, outline))
        for section in kept.sections
    )
    return replace(kept, sections=tuple(_forgotten(section, outline) for section in sections))


def _forgotten(section: DocumentSection, outline: Outline) -> DocumentSection:
    """``section`` without the lines of the source where something else is said: it may be a draft that few see, and
    everybody reads the content of what its clone freezes. Such a line is spelled as the template spells it.
    """
    said = _said_anew(outline) | {"title"}

    def line(block: Block) -> Block:
        if not isinstance(block, Answer) or (block.key not in said and is_as_read(block)):
            return block
        own = outline.answers.get(block.key)
        return replace(block, source=own.source if own else "", read_as="")

    groups = (replace(group, blocks=tuple(map(line, group.blocks))) for group in section.groups)
    return replace(section, groups=tuple(groups))


def _left(section: DocumentSection, outline: Outline, shift: Shift) -> Iterator[tuple[str, str]]:
    """The fields that begin anew: emptied, or windows at their new time.

    An answer "To confirm by DATE" was another night's question; a filler would answer for another risk level.
    """
    said = _said_anew(outline)
    for field in fields_of(section):
        if field.shape == "window":
            yield field.key, "" if shift.minutes is None else moved_window(field.text, shift.minutes)
        elif (
            field.key in said or outline.settings.is_filler(field.text) or isinstance(_state(field, outline), ToConfirm)
        ):
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
