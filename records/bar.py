"""What the bar on top of every page tells: one's unread messages, and what should have left by now and waits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
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


def with_bar(pk: int) -> Person | None:
    """The person ``pk``, with what their bar tells now as columns of the same query, read from small indexes."""
    now = timezone.now()
    values = {"pk": pk, "now": _stored(now), "late": _stored(now - PATIENCE)}
    sql, params = _statement()
    asked = (values[one.value] if isinstance(one, _Asked) else one for one in params)
    return next(iter(Person.objects.raw(sql, tuple(asked))), None)


def bar_told(person: Person) -> Bar:
    """What there is to tell ``person``. No query where ``with_bar`` read them, else one."""
    read: Any = person if hasattr(person, "bar_unread") else with_bar(person.pk)
    return Bar(read.bar_unread, read.bar_held_up)


class _Asked(Value):
    """What only each request knows: among the parameters of the statement it stands for itself."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


# Asked at every request, and always the same: composing it took longer than all else that a request does first.
@cache
def _statement() -> tuple[str, tuple[Any, ...]]:
    unread = Delivery.objects.filter(person=OuterRef("pk"), read_at=None, channel="mail").filter(~overtaken())
    free = Q(leased_until=None) | Q(leased_until__lt=_Asked("now"))
    late = Delivery.objects.filter(free, state=DeliveryState.WAITING, next_at__lt=_Asked("late"))
    people = Person.objects.annotate(bar_unread=_count(unread, "person"), bar_held_up=_count(late, "state"))
    sql, params = people.filter(pk=_Asked("pk")).query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    return sql, tuple(params)


def _stored(moment: dt.datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _count(rows: QuerySet[Delivery], same: str) -> Coalesce:
    """How many ``rows`` there are, which all have the ``same`` column in common, as part of another query."""
    counted = rows.order_by().values(same).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), Value(0))
