"""What didn't leave is sent once more: the act of an administrator."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, outbox
from records.models import Delivery, DeliveryState, Person
from records.refusals import Refused, WrongOrder
from records.rights import administers


@transaction.atomic
def send_again(delivery: int, *, by: Person, at: dt.datetime | None = None) -> None:
    """Queue the delivery with number ``delivery`` once more, with all its attempts.

    Raises Http404 for one that isn't there, WrongOrder for one that has left meanwhile.
    """
    if not administers(by):
        raise Refused(_("Only an administrator can have something sent again."))
    at = at or timezone.now()
    own = get_object_or_404(Delivery.objects.select_related("operation"), pk=delivery)
    unsent = Delivery.objects.filter(pk=own.pk).exclude(state=DeliveryState.SENT)
    if not unsent.update(state=DeliveryState.WAITING, attempts=0, next_at=at, leased_until=None):
        raise WrongOrder(_("It has left meanwhile."))
    audit.record("mail_sent_again", operation=own.operation, person=by, at=at, delivery=str(own.delivery_id))
    transaction.on_commit(outbox.nudge)
