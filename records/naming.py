"""The operation ID: read from its line or made from date and title, unique, and frozen at the first submission."""

from __future__ import annotations

import datetime as dt
import re

from django.utils.text import slugify
from django.utils.translation import gettext as _

from records.document.outline import Document
from records.facts import facts_of
from records.freezing import write_fields
from records.models import Operation, Outline, Person
from records.models.operation import ID_LENGTH, is_operation_id
from records.readiness import Missing
from records.refusals import Incomplete


def settle_id(
    operation: Operation, document: Document, outline: Outline | None, *, by: Person, at: dt.datetime
) -> None:
    """Give the record the ID that its line says, or make one where the line is empty.

    Raises Incomplete where the line holds none that can be used, or another than was submitted before.
    """
    line = outline.bound("id") if outline else None
    if outline is None or line is None:
        return
    written = facts_of(document, outline).operation_id
    frozen = operation.operation_id if operation.submitted_at else None
    wanted = frozen or written or proposed_id(operation, document, outline)
    if frozen and written != frozen:
        raise _wrong(line.key, _("the operation ID %s, which it was first submitted under") % frozen)
    if not is_operation_id(wanted):
        raise _wrong(line.key, _("an operation ID of date, words and hyphens, at most %s characters") % ID_LENGTH)
    if Operation.objects.filter(operation_id=wanted).exclude(pk=operation.pk).exists():
        raise _wrong(line.key, _("another operation ID: there is a record %s already") % wanted)
    if not written:
        write_fields(operation, line.key.split("/", 1)[0], {line.key: f"`{wanted}`"}, by=by, at=at)
    Operation.objects.filter(pk=operation.pk).update(operation_id=wanted)
    operation.operation_id = wanted


def id_to_come(operation: Operation, document: Document, outline: Outline | None) -> str:
    """The ID that the first submission will write into the empty line; "" where one stands there already."""
    if outline is None or outline.bound("id") is None or operation.submitted_at:
        return ""
    return "" if facts_of(document, outline).operation_id else proposed_id(operation, document, outline)


def whole_words(stem: str) -> str:
    """``stem`` without the words that don't fit; three characters are left for a number behind it."""
    most = ID_LENGTH - 3
    kept = stem[:most]
    if len(stem) > most and stem[most] != "-" and len(kept.rpartition("-")[0]) > len("YYYY-MM-DD"):
        kept = kept.rpartition("-")[0]
    return kept.strip("-")


def _wrong(key: str, words: str) -> Incomplete:
    return Incomplete([Missing(key, words, key.split("/", 1)[0])])


def proposed_id(operation: Operation, document: Document, outline: Outline) -> str:
    """An ID after the template's pattern, from the record's date and title, that no other record has."""
    facts = facts_of(document, outline)
    day = facts.window_start or operation.created_at
    stem = outline.settings.id_pattern.replace("YYYY-MM-DD", day.date().isoformat())
    stem = whole_words(re.sub(r"\[[^\]]*\]", slugify(facts.title) or "record", stem))
    wanted, more = stem, 2
    while Operation.objects.filter(operation_id=wanted).exclude(pk=operation.pk).exists():
        wanted, more = f"{stem}-{more}", more + 1
    return wanted
