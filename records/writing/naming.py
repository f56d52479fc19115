"""The operation ID: read from its line or made from date and title, unique, and frozen at the first submission."""

from __future__ import annotations

import datetime as dt
import re

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from records.content.columns import IdTaken
from records.content.facts import facts_of
from records.document.outline import Document
from records.models import Operation, Outline, Person
from records.models.operation import ID_LENGTH, is_operation_id
from records.refusals import Incomplete
from records.writing.readiness import Missing
from records.writing.section_writing import write_fields


def settle_id(
    operation: Operation, document: Document, outline: Outline | None, *, by: Person, at: dt.datetime
) -> bool:
    """Give the record the ID that its line says, or make one where the line is empty. Whether it was written there.

    Raises Incomplete where the line holds none that can be used, or another than was submitted before.
    """
    line = outline.bound("id") if outline else None
    if outline is None or line is None:
        return False
    wanted, trouble = _wanted(operation, document, outline)
    if trouble:
        raise Incomplete([Missing(line.key, trouble, line.key.split("/", 1)[0])])
    is_written = not facts_of(document, outline).operation_id
    if not is_written and operation.operation_id == wanted:
        return False
    try:
        with transaction.atomic():
            if is_written:
                write_fields(operation, line.key.split("/", 1)[0], {line.key: f"`{wanted}`"}, by=by, at=at)
            Operation.objects.filter(pk=operation.pk).update(operation_id=wanted)
    except (IdTaken, IntegrityError) as error:  # by one that was sent in this very moment, and wasn't there before
        raise Incomplete([Missing(line.key, _taken(wanted), line.key.split("/", 1)[0])]) from error
    operation.operation_id = wanted
    return is_written


def _taken(wanted: str) -> str:
    return _("another operation ID: there is a record %s already") % wanted


def id_trouble(operation: Operation, document: Document, outline: Outline | None) -> list[Missing]:
    """What ``settle_id`` would refuse, if anything."""
    line = outline.bound("id") if outline else None
    if outline is None or line is None:
        return []
    _id, trouble = _wanted(operation, document, outline)
    return [Missing(line.key, trouble, line.key.split("/", 1)[0])] if trouble else []


def _wanted(operation: Operation, document: Document, outline: Outline) -> tuple[str, str]:
    """The ID that the record is to have, and in words what is needed instead, if it can't have that."""
    written = facts_of(document, outline).operation_id
    frozen = operation.operation_id if operation.submitted_at else None
    wanted = frozen or written or _proposed(operation, document, outline)
    if frozen and written != frozen:
        return wanted, _("the operation ID %s, which it was first submitted under") % frozen
    if not is_operation_id(wanted):
        return wanted, _("an operation ID of date, words and hyphens, at most %s characters") % ID_LENGTH
    if Operation.objects.filter(operation_id__iexact=wanted).exclude(pk=operation.pk).exists():
        return wanted, _taken(wanted)
    return wanted, ""


def fall_back_on_free_id(
    operation: Operation, document: Document, outline: Outline | None, *, by: Person, at: dt.datetime
) -> None:
    """Give the record an ID of ours in the place of one that can't be used, where nobody has the time to find one."""
    line = outline.bound("id") if outline else None
    if outline is None or line is None:
        return
    wanted = (operation.operation_id if operation.submitted_at else None) or _proposed(operation, document, outline)
    write_fields(operation, line.key.split("/", 1)[0], {line.key: f"`{wanted}`"}, by=by, at=at)
    Operation.objects.filter(pk=operation.pk).update(operation_id=wanted)
    operation.operation_id = wanted


def id_to_come(operation: Operation, document: Document, outline: Outline | None) -> str:
    """The ID that the first submission will write into the empty line; "" where one stands there already."""
    if outline is None or outline.bound("id") is None or operation.submitted_at:
        return ""
    return "" if facts_of(document, outline).operation_id else _proposed(operation, document, outline)


def _whole_words(stem: str) -> str:
    """``stem`` without the words that don't fit; three characters are left for a number behind it."""
    most = ID_LENGTH - 3
    kept = stem[:most]
    if len(stem) > most and stem[most] != "-" and len(kept.rpartition("-")[0]) > len("YYYY-MM-DD"):
        kept = kept.rpartition("-")[0]
    return kept.strip("-")


def _proposed(operation: Operation, document: Document, outline: Outline) -> str:
    facts = facts_of(document, outline)
    day = (facts.window_start or operation.created_at).date()
    words = id_words(facts.title) or "record"
    return free_id(outline.settings.id_pattern, day, words, besides=operation)


def id_words(title: str) -> str:
    """``title`` as it stands in an ID; static/js/live_id.js shows the same while it is typed. What is parted by a sign,
    as example.net or 3.7, stays apart.
    """
    return slugify(re.sub(r"[./:]", " ", title))


def free_id(pattern: str, day: dt.date, words: str, *, besides: Operation | None = None) -> str:
    """An ID of ``words`` (a slug) after a template's ``pattern`` that no record has, ``besides`` left aside."""
    stem = _whole_words(_after(pattern, day, words))
    others = Operation.objects.exclude(pk=besides.pk) if besides else Operation.objects.all()
    wanted, more = stem, 2
    while others.filter(operation_id__iexact=wanted).exists():
        wanted, more = f"{stem}-{more}", more + 1
    return wanted


def makes_ids(pattern: str) -> bool:
    """Whether what ``pattern`` makes can name a record; an empty one leaves it to whoever writes the record."""
    return not pattern or is_operation_id(_after(pattern, dt.date(2000, 1, 1), "words"))


def _after(pattern: str, day: dt.date, words: str) -> str:
    return re.sub(r"\[[^\[\]]*\]", words, pattern.replace("YYYY-MM-DD", day.isoformat()))
