"""What is told to other programs: which targets there are, and the bodies that they get, kept as they will be sent."""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
import uuid
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.models import Delivery, Operation, Person, WebhookBody, WebhookTarget
from records.one_line import one_line
from records.refusals import Refused, Unusable
from records.rights import administers, is_for_everybody
from records.transfer.account import moment

CHANNEL = "webhook"
TEST = "test"
PREFIX = "whsec_"
SECRET_BYTES = (24, 64)


def rows_for(operation: Operation, *, event: str, label: str, link: str, by: str, at: dt.datetime) -> list[Delivery]:
    """A delivery, not yet stored, for each target that wants ``event``; none of a draft that not everybody sees.

    One query.
    """
    if not is_for_everybody(operation):
        return []
    found = [one for one in WebhookTarget.objects.filter(is_active=True) if not one.events or event in one.events]
    who = f", {by}" if by else ""
    line = one_line(f"{label}: {operation} ({operation.reference}){who}: {link}")
    told = {
        "event": event,
        "at": moment(at),
        "by": by or None,
        "text": line,
        "record": _record(operation, link),
    }
    return [_row(target, event, line, told, at=at, operation=operation) for target in found]


def _row(
    target: WebhookTarget,
    event: str,
    line: str,
    told: Mapping[str, object],
    *,
    at: dt.datetime,
    operation: Operation | None,
) -> Delivery:
    delivery = uuid.uuid4()
    body = {"text": line} if target.body == WebhookBody.CHAT else {"id": str(delivery), **told}
    return Delivery(
        delivery_id=delivery,
        channel=CHANNEL,
        event=event,
        operation=operation,
        target=target,
        subject=line[:300],
        body=json.dumps(body, ensure_ascii=False, indent=1),
        next_at=timezone.now(),
        created_at=at,
    )


def _record(operation: Operation, link: str) -> dict[str, object]:
    """What another program may want to know of it; no text of its sections leaves."""
    return {
        "number": operation.pk,
        "id": operation.operation_id,
        "title": operation.title,
        "state": operation.state,
        "outcome": operation.outcome or None,
        "risk_level": operation.risk_level or None,
        "window_start": moment(operation.window_start),
        "window_end": moment(operation.window_end),
        "url": link,
    }


@transaction.atomic
def try_target(target: WebhookTarget, *, by: Person, at: dt.datetime | None = None) -> Delivery:
    """Queue a message that only tries the target: the act of an administrator."""
    if not administers(by):
        raise Refused(_("Only an administrator can try a target."))
    at = at or timezone.now()
    line = _("A test by %(person)s. Nothing happened.") % {"person": by}
    told = {"event": TEST, "at": moment(at), "by": str(by), "text": line, "record": None}
    row = _row(target, TEST, line, told, at=at, operation=None)
    row.save()
    audit.record("webhook_tried", operation=None, person=by, at=at, target=str(target), delivery=str(row.delivery_id))
    return row


def new_secret() -> str:
    """A secret for a target, as libraries for the receiving side spell it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_in(secret: str) -> bytes:
    """The key that a secret spells. Raises Unusable, in words, for anything else."""
    words = _("A secret is “whsec_” and 24 to 64 bytes as Base64.")
    if not secret.startswith(PREFIX):
        raise Unusable(words)
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise Unusable(words) from error
    if not SECRET_BYTES[0] <= len(key) <= SECRET_BYTES[1]:
        raise Unusable(words)
    return key
