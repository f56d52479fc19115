"""Windows as a calendar: the records that stand in it, and a person's feed at an address that only they know.

The address is signed, not stored; renewing it makes every earlier one useless.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice

from django.core import signing
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from icalendar import Calendar, Event

from records import audit
from records.models import Operation, Person, State
from records.one_line import one_line
from records.outbox import address_of
from records.rights import visible_to
from records.run.stops import open_stop, stops_of
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
    """Every window of ``operations``. One without an end is taken for an hour; one after a stop in which nobody went
    on, and nobody will, is none.
    """
    for operation in operations:
        if start := operation.window_start:
            yield Night(operation, start, max(operation.window_end or start + HOUR, start))
        waiting = open_stop(operation)
        for number, stop in enumerate(stops_of(operation), 1):
            if stop.went_on or stop == waiting:
                yield Night(operation, *stop.window, number)


@dataclass(frozen=True, slots=True)
class Found:
    """Records by their window; ``is_cut`` where there are more, further from the moment that was asked around."""

    operations: list[Operation]
    is_cut: bool


def in_calendar(
    person: Person, since: dt.datetime, until: dt.datetime, *, around: dt.datetime, mine: bool = False
) -> Found:
    """The records that the person may see whose window, or a later one after a stop, may lie in that time; where they
    are too many, those nearest to ``around``.

    Cancelled ones too: a feed has to take back what it told. ``mine``: those that they have a part in. Two queries.
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
    rows = rows.select_related("operator", "author")
    ahead = rows.filter(window_start__gte=around).order_by("window_start", "pk")[: MOST + 1]
    past = rows.filter(window_start__lt=around).order_by("-window_start", "-pk")[: MOST + 1]
    found = sorted([*ahead, *past], key=lambda one: (abs(_start(one) - around), one.pk))
    return Found(sorted(found[:MOST], key=lambda one: (_start(one), one.pk)), len(found) > MOST)


def _start(operation: Operation) -> dt.datetime:
    assert operation.window_start is not None
    return operation.window_start


def overlapping(sorted_nights: Sequence[Night], most: int) -> list[list[Night]]:
    """For each of the nights, which are sorted by their start, others that are open at the same moment: ``most`` of
    them or fewer. One sweep: however many are open at once, each is looked at a few times.
    """
    found: list[list[Night]] = [[] for _ in sorted_nights]
    ending: list[tuple[dt.datetime, int]] = []
    open_, wanting = dict[int, Night](), dict[int, Night]()
    for at, night in enumerate(sorted_nights):
        while ending and ending[0][0] <= night.start:
            _end, over = heappop(ending)
            open_.pop(over), wanting.pop(over, None)
        others = (one for one in open_.values() if one.operation.pk != night.operation.pk and one.overlaps(night))
        found[at] = list(islice(others, most))
        for number, one in list(wanting.items()):
            if one.operation.pk != night.operation.pk and one.overlaps(night):
                found[number].append(night)
                if len(found[number]) >= most:
                    del wanting[number]
        heappush(ending, (night.end, at))
        open_[at] = night
        if len(found[at]) < most:
            wanting[at] = night
    return found


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
        for night in nights(in_calendar(person, at - PAST, at + AHEAD, around=at, mine=mine).operations):
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
    own = Person.objects.filter(pk=pk, calendar_number=number, is_active=True).first()
    return own if own and own.opens_still else None


@transaction.atomic
def renew_address(person: Person, *, at: dt.datetime | None = None) -> None:
    """Make the feed's address another one; whoever knows the old one reads nothing any more."""
    Person.objects.filter(pk=person.pk).update(calendar_number=F("calendar_number") + 1)
    person.refresh_from_db(fields=["calendar_number"])
    audit.record("calendar_address_renewed", operation=None, person=person, at=at or timezone.now())
