"""When a mail goes, and what goes with it: as its reader wishes, and never more than one per record in ten minutes,
except for decisions, alarms and what holds somebody up. What was answered meanwhile doesn't go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import F, Q
from django.utils import timezone

from opsrecords.deliveries.failures import Later, Unwanted
from records.mail_wishes import PROMPT, Wish, morning_after, wish_of
from records.models import Delivery, DeliveryState, Operation, Person
from records.overtaken import needs_no_mail

PAUSE = dt.timedelta(minutes=10)
MOST = 50  # in one mail


def not_before(delivery: Delivery) -> None:
    """Raises Unwanted if the person doesn't want this by mail, or it asks for nothing any more; Later if not yet."""
    person, now = delivery.person, timezone.now()
    assert person is not None
    if not person.is_active:
        raise Unwanted
    wish = wish_of(person, delivery.event, muted=_muted(person, delivery.operation))
    if wish == Wish.NEVER or Delivery.objects.filter(needs_no_mail(), pk=delivery.pk).exists():
        raise Unwanted
    if wish == Wish.DAILY:
        if now < (morning := morning_after(delivery.created_at, person)):
            raise Later(morning)
        return
    # What is about no record is rare, and about different things.
    held = delivery.operation is not None and delivery.event not in PROMPT
    if held and (last := _last_mail(delivery)) and now < last + PAUSE:
        raise Later(last + PAUSE)


def _muted(person: Person, operation: Operation | None) -> bool:
    return operation is not None and operation.muted_by.filter(pk=person.pk).exists()


def _last_mail(delivery: Delivery) -> dt.datetime | None:
    """When the person last got a mail about the record that had to wait its turn: what is prompt delays no other."""
    sent = Delivery.objects.filter(channel="mail", person=delivery.person, operation=delivery.operation)
    sent = sent.filter(state=DeliveryState.SENT).exclude(event__in=PROMPT)
    return sent.order_by("-sent_at").values_list("sent_at", flat=True).first()


def gathered(delivery: Delivery) -> Sequence[Delivery]:
    """What goes in the same mail, taken under the same lease: the rest about the record, or of the person's day.

    What is prompt takes nothing along, and goes with nothing but the mail of the day, where the person wishes so.
    """
    person, until = delivery.person, delivery.leased_until
    assert person is not None and until is not None
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    waiting = Delivery.objects.filter(free, channel="mail", person=person, state=DeliveryState.WAITING)
    waiting = waiting.filter(~needs_no_mail(), address="").exclude(
        pk=delivery.pk
    )  # whose own lease may have run out by now
    wish = wish_of(person, delivery.event, muted=_muted(person, delivery.operation))
    daily = wish == Wish.DAILY
    if wish == Wish.NEVER or (not daily and (delivery.operation is None or delivery.event in PROMPT)):
        return []
    if daily:
        waiting = waiting.filter(next_at__lte=now)
    else:
        waiting = waiting.filter(operation=delivery.operation).exclude(event__in=PROMPT)
    rest = list(waiting.order_by("pk")[:MOST])
    about = {one.operation_id for one in rest if one.operation_id}
    muted = set(Operation.objects.filter(pk__in=about, muted_by=person).values_list("pk", flat=True))
    wanted = [one.pk for one in rest if wish_of(person, one.event, muted=one.operation_id in muted) == wish]
    Delivery.objects.filter(free, pk__in=wanted, state=DeliveryState.WAITING).update(
        leased_until=until, attempts=F("attempts") + 1
    )
    mine = Delivery.objects.filter(pk__in=wanted, leased_until=until).select_related("operation", "revision")
    return list(mine.order_by("created_at", "pk"))


def give_back(others: Sequence[Delivery], *, sent_with: Delivery | None = None) -> None:
    """End the leases of what was gathered: it was sent with another, or waits as before."""
    if not others:
        return
    # Only while the lease is still ours.
    own = Delivery.objects.filter(leased_until=others[0].leased_until, state=DeliveryState.WAITING)
    rows = own.filter(pk__in=[one.pk for one in others])
    if sent_with is None:
        rows.update(leased_until=None, attempts=F("attempts") - 1)
    else:
        answer = f"with {sent_with.delivery_id}"
        rows.update(state=DeliveryState.SENT, sent_at=timezone.now(), leased_until=None, error="", answer=answer)
