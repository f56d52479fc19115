"""What is published: a row for each finalized record and each of its addenda, written with the sign-off."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from records import outbox
from records.models import Delivery, Operation
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


def publication_of(operation: Operation) -> Delivery | None:
    """What became of the record's publication; None if it was never queued."""
    return operation.deliveries.filter(channel=CHANNEL).order_by("-pk").first()
