"""What the bar on top of every page tells: one's unread messages, and what should have left by now and waits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, DateTimeField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from records.composed import Asked, Kept
from records.models import Delivery, DeliveryState, Person
from records.overtaken import overtaken

# The sweep comes every fifteen seconds; what is due for longer than two of them has nobody who takes it.
PATIENCE = dt.timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class Bar:
    """How many messages of the person are unread; how many deliveries of anybody wait though they are due."""

    unread: int
    held_up: int


def with_bar(pk: int) -> Person | None:
    """The person ``pk``, with what their bar tells now as columns of the same query, read from small indexes."""
    now = timezone.now()
    return _people.first(pk=pk, now=now, late=now - PATIENCE)


def bar_told(person: Person) -> Bar:
    """What there is to tell ``person``. No query where ``with_bar`` read them, else one."""
    read: Any = person if hasattr(person, "bar_unread") else with_bar(person.pk)
    return Bar(read.bar_unread, read.bar_held_up)


def _with_bar() -> QuerySet[Person]:
    moment = DateTimeField()
    unread = Delivery.objects.filter(person=OuterRef("pk"), read_at=None, channel="mail").filter(~overtaken())
    free = Q(leased_until=None) | Q(leased_until__lt=Asked("now", moment))
    late = Delivery.objects.filter(free, state=DeliveryState.WAITING, next_at__lt=Asked("late", moment))
    people = Person.objects.annotate(bar_unread=_count(unread, "person"), bar_held_up=_count(late, "state"))
    return people.filter(pk=Asked("pk"))


_people = Kept(_with_bar)


def _count(rows: QuerySet[Delivery], same: str) -> Coalesce:
    """How many ``rows`` there are, which all have the ``same`` column in common, as part of another query."""
    counted = rows.order_by().values(same).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), Value(0))
