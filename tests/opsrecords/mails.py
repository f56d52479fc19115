"""What tests of mail put into the outbox, and find there."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from records import outbox
from records.models import Delivery, Operation, Person
from records.outbox import Event, Message


def put(operation: Operation, event: Event, *people: Person, at: dt.datetime | None = None) -> None:
    at = at or timezone.now()
    outbox.put(Message(event, f"Do {event.value}."), operation, to=people, by=None, at=at)


def due() -> None:
    Delivery.objects.update(next_at=timezone.now() - dt.timedelta(seconds=1), leased_until=None)


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Delivery.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found
