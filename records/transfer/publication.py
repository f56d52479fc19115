"""What is published: a row for each finalized record and each of its addenda, written with the sign-off."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from records import outbox
from records.life_cycle import acting
from records.models import Delivery, Operation, State
from records.refusals import Unusable
from records.transfer.zipped import path_of

CHANNEL = "git"


def put_publication(operation: Operation, *, at: dt.datetime, event: outbox.Event = outbox.Event.FINALIZED) -> None:
    """Queue the record, which has just been finalized or amended, for the repository; nothing where none is set."""
    if not settings.PUBLISH_URL:
        return
    Delivery.objects.create(
        channel=CHANNEL,
        event=event,
        operation=operation,
        subject=path_of(operation),
        next_at=timezone.now(),
        created_at=at,
    )
    transaction.on_commit(outbox.nudge)


def put_earlier(*, at: dt.datetime) -> int:
    """Queue every record that was finalized before a repository was set, each once; how many.

    Raises Unusable, in words, where none is set.
    """
    if not settings.PUBLISH_URL:
        raise Unusable(_("No repository is set (PUBLISH_URL)."))
    finalized = Operation.objects.filter(state=State.FINALIZED, final_text__isnull=False)
    waiting = finalized.exclude(Exists(Delivery.objects.filter(channel=CHANNEL, operation=OuterRef("pk"))))
    queued = 0
    for operation in waiting.order_by("final_text__frozen_at", "pk"):
        with acting(operation) as own:
            if publication_of(own) is None:
                put_publication(own, at=at)
                queued += 1
    return queued


def publication_of(operation: Operation) -> Delivery | None:
    """What became of the record's publication; None if it was never queued."""
    return operation.deliveries.filter(channel=CHANNEL).order_by("-pk").first()
