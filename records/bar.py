"""What the bar on top of every page tells: what should have left by now and waits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from records.models import Delivery, DeliveryState

# The sweep comes every fifteen seconds; what is due for longer than two of them has nobody who takes it.
PATIENCE = dt.timedelta(seconds=45)
MOST = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """How many deliveries wait though they are due, counted up to ``MOST``."""

    held_up: int


def bar_told(*, at: dt.datetime | None = None) -> Bar:
    """What there is to tell at ``at``. One query."""
    now = at or timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    late = Delivery.objects.filter(free, state=DeliveryState.WAITING, next_at__lt=now - PATIENCE)
    return Bar(held_up=late[:MOST].count())
