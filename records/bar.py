"""What the bar on top of every page tells: one's unread messages, and what should have left by now and waits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from records.models import Delivery, DeliveryState, Person
from records.overtaken import overtaken

# The sweep comes every fifteen seconds; what is due for longer than two of them has nobody who takes it.
PATIENCE = dt.timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class Bar:
    """How many messages of the person are unread; how many deliveries of anybody wait though they are due."""

    unread: int
    held_up: int


def with_bar(people: QuerySet[Person], *, at: dt.datetime | None = None) -> QuerySet[Person]:
    """``people``, each with what their bar tells at ``at`` as columns of the same query, read from small indexes."""
    now = at or timezone.now()
    unread = Delivery.objects.filter(person=OuterRef("pk"), read_at=None, channel="mail").filter(~overtaken())
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    late = Delivery.objects.filter(free, state=DeliveryState.WAITING, next_at__lt=now - PATIENCE)
    return people.annotate(bar_unread=_count(unread, "person"), bar_held_up=_count(late, "state"))


def bar_told(person: Person) -> Bar:
    """What there is to tell ``person``. No query where ``with_bar`` read them, else one."""
    if not hasattr(person, "bar_unread"):
        person = with_bar(Person.objects.all()).get(pk=person.pk)
    return Bar(person.bar_unread, person.bar_held_up)  # type: ignore[attr-defined]


def _count(rows: QuerySet[Delivery], same: str) -> Coalesce:
    """How many ``rows`` there are, which all have the ``same`` column in common, as part of another query."""
    counted = rows.order_by().values(same).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), Value(0))
