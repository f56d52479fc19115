"""Webhooks: one delivery as a signed POST, as the Standard Webhooks describe it, so that libraries can check it.

The signature covers the delivery's ID, the time of sending and the body: who keeps the IDs of five minutes and
refuses older messages is told nothing twice.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.utils import timezone
from django.utils.translation import gettext as _

from opsrecords.deliveries.failures import Undeliverable
from opsrecords.deliveries.guarded import post
from records.models import Delivery, WebhookTarget
from records.webhooks import key_in

AGENT = "opsrecords"


def send_webhook(delivery: Delivery) -> str:
    """Send it; what was answered. Raises Undeliverable for a target that is switched off, moved or gone, and
    ConnectionError for an answer that isn't a yes."""
    target = delivery.target
    if target is None or not target.is_active:
        raise Undeliverable(_("The target is switched off."))
    body = delivery.body.encode()
    status, reason = post(target.url, body, headers_of(delivery, target, body))
    answer = f"{status} {reason}"[:200]
    if 300 <= status < 400:
        raise Undeliverable(_("It answers %s, and redirects aren't followed. Set its new address.") % answer)
    if status == 410:
        raise Undeliverable(_("It answers %s: nobody listens there any more.") % answer)
    if not 200 <= status < 300:
        raise Refusing(answer)
    return answer


class Refusing(Exception):
    """The target answered, and not with a yes; it may be another time."""


def headers_of(delivery: Delivery, target: WebhookTarget, body: bytes) -> dict[str, str]:
    """The ID, which stays the same for every attempt, the time, and the signature over both and the body."""
    name, at = str(delivery.delivery_id), str(int(timezone.now().timestamp()))
    signed = hmac.new(key_in(target.secret), f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "webhook-id": name,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
