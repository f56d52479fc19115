"""Windows as a calendar: the records that stand in it, and a person's feed at an address that only they know.

The address is signed, not stored; renewing it makes every earlier one useless.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core import signing
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from icalendar import Calendar, Event

from records import audit
from records.models import Operation, Person, State
from records.one_line import one_line
from records.outbox import address_of
from records.rights import visible_to
from records.run.stopping import stops_of
from records.site_address import site_host, whole_address

PAST, AHEAD, MOST = dt.timedelta(days=90), dt.timedelta(days=730), 2000
HOUR = dt.timedelta(hours=1)
PLANNED = (State.IN_REVIEW, State.CHANGES_REQUESTED)
SHOWN = (*PLANNED, State.APPROVED, State.RUNNING, State.ROLLING_BACK, State.CLOSING, State.FINALIZED)
_SIGNER = signing.Signer(salt="calendar")


@dataclass(frozen=True, slots=True)
class Night:
    """One window of a record: its own, or a later one in which it goes on after a stop (``number`` counts them)."""

    operation: Operation
    start: dt.datetime
    end: dt.datetime
    number: int = 0

    def overlaps(self, other: Night) -> bool:
        """Whether both are open at some moment."""
        return self.start < other.end and other.start < self.end


def nights(operations: Iterable[Operation]) -> Iterator[Night]:
    """Every window of ``operations``. One without an end is taken for an hour."""
    for operation in operations:
        if start := operation.window_start:
            yield Night(operation, start, max(operation.window_end or start + HOUR, start))
        for number, stop in enumerate(stops_of(operation), 1):
            yield Night(operation, *stop.window, number)


def in_calendar(person: Person, since: dt.datetime, until: dt.datetime, *, mine: bool = False) -> QuerySet[Operation]:
    """The records that the person may see whose window, or a later one after a stop, may lie in that time.

    Cancelled ones too: a feed has to take back what it told. ``mine``: those that they have a part in.
    """
    within = Q(window_start__lt=until) & (Q(window_end__gt=since) | Q(window_end=None, window_start__gt=since - HOUR))
    rows = visible_to(person).filter(within | (Q(window_start__lt=until) & ~Q(stops=[])))
    rows = rows.filter(state__in=(*SHOWN, State.CANCELLED), submitted_at__isnull=False)
    if mine:
        named = [
            getattr(Operation, name).through.objects.filter(person_id=person.pk).values("operation_id")
            for name in ("co_authors", "deputies", "team")
        ]
        own = Q(author=person) | Q(operator=person) | Q(supervisor=person) | Q(in_charge=person)
        rows = rows.filter(own | Q(pk__in=named[0]) | Q(pk__in=named[1]) | Q(pk__in=named[2]))
    return rows.select_related("operator", "author").order_by("window_start", "pk")[:MOST]


# ---------------------------------------------------------------- the feed


def feed_of(person: Person, *, mine: bool = True, at: dt.datetime | None = None) -> bytes:
    """The person's windows of the last three months and the next two years, as iCalendar (RFC 5545), in UTC."""
    at = at or timezone.now()
    calendar = Calendar()
    calendar.add("prodid", "-//Operation records//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Operation records")
    with translation.override("en"):
        for night in nights(in_calendar(person, at - PAST, at + AHEAD, mine=mine)):
            calendar.add_component(_event(night))
    content: bytes = calendar.to_ical()
    return content


def _event(night: Night) -> Event:
    operation = night.operation
    state = str(operation.get_state_display())
    level = f"[{operation.risk_level}] " if operation.risk_level else ""
    link = address_of(operation)
    lines = [operation.reference, state, f"Operator: {operation.operator or 'not named yet'}", link]
    event = Event()
    event.add("uid", f"record-{operation.pk}-{night.number}@{site_host()}")
    event.add("dtstamp", operation.updated_at.astimezone(dt.UTC))
    event.add("last-modified", operation.updated_at.astimezone(dt.UTC))
    event.add("dtstart", night.start.astimezone(dt.UTC))
    event.add("dtend", night.end.astimezone(dt.UTC))
    event.add("summary", one_line(f"{level}{operation} ({state.lower()})"))
    event.add("description", "\n".join(one_line(line) for line in lines))
    event.add("url", link)
    event.add("status", _status(operation))
    return event


def _status(operation: Operation) -> str:
    if operation.state == State.CANCELLED:
        return "CANCELLED"
    return "TENTATIVE" if operation.state in PLANNED else "CONFIRMED"


# ---------------------------------------------------------------- its address


def feed_address(person: Person) -> str:
    """The whole address of the person's feed."""
    token = _SIGNER.sign(f"{person.pk}-{person.calendar_number}")
    return whole_address("calendar_feed", token)


def person_at(token: str) -> Person | None:
    """Whose feed it is; None for an address that never was one, was renewed, or is of somebody who left.

    Nor does one open that was given under another password.
    """
    try:
        pk, _dash, number = _SIGNER.unsign(token).partition("-")
    except signing.BadSignature:
        return None
    return Person.objects.filter(pk=pk, calendar_number=number, is_active=True, opened_under=F("password")).first()


@transaction.atomic
def renew_address(person: Person, *, at: dt.datetime | None = None) -> None:
    """Make the feed's address another one; whoever knows the old one reads nothing any more."""
    Person.objects.filter(pk=person.pk).update(calendar_number=F("calendar_number") + 1)
    person.refresh_from_db(fields=["calendar_number"])
    audit.record("calendar_address_renewed", operation=None, person=person, at=at or timezone.now())
