"""What didn't leave is sent once more: the act of an administrator."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, outbox
from records.life_cycle import lock
from records.models import Delivery, DeliveryState, Person
from records.refusals import Refused, Unusable, WrongOrder
from records.rights import administers

ENDED = (DeliveryState.FAILED, DeliveryState.DIVERGED)  # by themselves these stay as they are
MOST = 500  # at once


@transaction.atomic
def send_again(delivery: int, *, by: Person, at: dt.datetime | None = None) -> None:
    """Queue the delivery with number ``delivery`` once more, with all its attempts.

    Raises Http404 for one that isn't there, WrongOrder for one that has left meanwhile.
    """
    _may(by)
    at = at or timezone.now()
    own = get_object_or_404(Delivery.objects.select_related("operation"), pk=delivery)
    about = lock(own.operation) if own.operation else None  # before its messages, like every act
    if not _queue(Delivery.objects.filter(pk=own.pk).exclude(state=DeliveryState.SENT), at):
        raise WrongOrder(_("It has left meanwhile."))
    audit.record("mail_sent_again", operation=about, person=by, at=at, delivery=str(own.delivery_id))


@transaction.atomic
def send_all_again(state: str, *, by: Person, at: dt.datetime | None = None) -> int:
    """Queue what ended in ``state`` once more, with all its attempts, the oldest first; how many. At most MOST at once.

    Raises Unusable, in words, for a state in which nothing ended.
    """
    _may(by)
    if state not in ENDED:
        raise Unusable(_("Nothing ended in “%(state)s”, so nothing can be sent again.") % {"state": state[:40]})
    at = at or timezone.now()
    oldest = Delivery.objects.filter(state=state).order_by("created_at", "pk")[:MOST]
    chosen = {row.pk: str(row.delivery_id) for row in oldest.select_for_update()}
    if chosen:
        _queue(Delivery.objects.filter(pk__in=chosen), at)
        audit.record("mails_sent_again", operation=None, person=by, at=at, deliveries=list(chosen.values()))
    return len(chosen)


def _may(by: Person) -> None:
    if not administers(by):
        raise Refused(_("Only an administrator can have something sent again."))


def _queue(rows: QuerySet[Delivery], at: dt.datetime) -> int:
    transaction.on_commit(outbox.nudge)
    return rows.update(state=DeliveryState.WAITING, attempts=0, next_at=at, leased_until=None)
