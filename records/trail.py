"""The trail of the whole site as its readers see it: narrowed by person, act, record and days; as a table file."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records.models import AuditEntry, Operation, Person, Role
from records.numbers import number_in
from records.reading.field_history import acted, named_in
from records.times import date_in

READERS = frozenset({Role.AUDITOR.value, Role.ADMINISTRATOR.value})
ASKED = ("person", "act", "record", "since", "until")
DAY = dt.timedelta(days=1)
# What a spreadsheet would take for a formula, also behind blanks that it skips.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CHUNK = 500


def reads_trail(person: Person) -> bool:
    """Whether the person may read the trail of the whole site."""
    return bool(READERS & person.roles_on(timezone.now().date())) or person.is_superuser


def narrowed(asked: Mapping[str, str], reader: Person) -> QuerySet[AuditEntry]:
    """The entries that fit, newest first, with their records. What is not understood narrows nothing."""
    entries = AuditEntry.objects.order_by("-number").select_related("operation")
    if asked["person"]:
        entries = entries.filter(person_name__icontains=asked["person"])
    if asked["act"]:
        entries = entries.filter(act=asked["act"])
    if since := _day(asked["since"]):
        entries = entries.filter(at__gte=since)
    if until := _day(asked["until"]):
        entries = entries.filter(at__lt=until + DAY)
    if record := asked["record"]:
        number = number_in(record)
        named = Q(operation__operation_id=record) | Q(operation__title__icontains=record)
        if not _audits(reader):
            named &= Q(operation__submitted_at__isnull=False)
        entries = entries.filter(named if number is None else named | Q(operation__pk=number))
    return entries


def _day(written: str) -> dt.datetime | None:
    """The start of a day in UTC; None for what is no date."""
    day = date_in(written)
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC) if day else None


def shown_record(entry: AuditEntry, reader: Person) -> Operation | None:
    """The record of an entry, if the reader may see it: a draft is no administrator's business."""
    operation = entry.operation
    return operation if operation and (operation.submitted_at or _audits(reader)) else None


def name_of(entry: AuditEntry, reader: Person) -> str:
    """What the record of an entry is called; a draft is a number to those who may not see it."""
    if own := shown_record(entry, reader):
        return str(own)
    return _("Record %(number)s") % {"number": entry.operation_id} if entry.operation_id else ""


def _audits(reader: Person) -> bool:
    return Role.AUDITOR in reader.roles_on(timezone.now().date())


# ---------------------------------------------------------------- as a table file


class _Line:
    """A file that keeps nothing: what is written is what ``writerow`` returns."""

    def write(self, text: str) -> str:
        return text


def as_csv(entries: QuerySet[AuditEntry], reader: Person) -> Iterator[str]:
    """The entries as lines of a table file, however many: heads, then a line each. No cell is a formula."""
    writer: Any = csv.writer(_Line())
    yield writer.writerow(["number", "at", "person", "act", "what", "facts", "record", "operation_id", "hash"])
    rows = entries.iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        names = named_in(chunk)
        for entry in chunk:
            yield writer.writerow([inert(cell) for cell in _cells(entry, names, reader)])


def _cells(entry: AuditEntry, names: Mapping[int, str], reader: Person) -> Iterable[object]:
    happened, own = acted(entry, names), shown_record(entry, reader)
    facts = "; ".join(f"{word}: {text}" for word, text in happened.facts)
    told = (entry.person_name, entry.act, happened.act, facts, name_of(entry, reader))
    at = entry.at.astimezone(dt.UTC).isoformat()
    return (entry.number, at, *told, own.operation_id or "" if own else "", entry.hash)


def inert(cell: object) -> str:
    """``cell`` so that no spreadsheet computes it: what begins like a formula gets an apostrophe in front."""
    text = str(cell)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) or text.startswith(FORMULA) else text
