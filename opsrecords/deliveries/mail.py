"""Mail: one delivery, with what else waits for the same person, as a message through the configured backend."""

from __future__ import annotations

from collections.abc import Sequence
from email.encoders import encode_base64
from email.mime.base import MIMEBase

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from opsrecords.deliveries.failures import Undeliverable
from opsrecords.deliveries.mail_timing import gathered, give_back, not_before
from opsrecords.deliveries.mail_words import as_html, body_of, by_weight, subject_of
from records.models import Delivery
from records.site_address import site_host


def send_mail(delivery: Delivery) -> str:
    """Send it, and with it what else is to go to the person in the same mail.

    Its ID is in the headers, so that whoever gets it twice can tell. Raises Later or Unwanted as the person wishes,
    Undeliverable without an address, and whatever the backend raises.
    """
    person = delivery.person
    if delivery.address:
        message_of([delivery], delivery.address).send()
        return ""
    if person is None or not person.email:
        raise Undeliverable(_("No e-mail address is known."))
    not_before(delivery)
    others = gathered(delivery)
    try:
        message_of([delivery, *others], person.email).send()
    except Exception:
        give_back(others)
        raise
    give_back(others, sent_with=delivery)
    return ""


def message_of(rows: Sequence[Delivery], address: str) -> EmailMultiAlternatives:
    """The mail of one or more deliveries, plain and as simple HTML, with the approved plans that belong to them.

    The first of ``rows`` is the one whose ID it bears, whatever it is named after.
    """
    told = by_weight(rows)
    subject, body = subject_of(told), body_of(told)
    message = EmailMultiAlternatives(
        subject=subject,
        body=body,
        to=[address],
        headers={"Message-ID": f"<{rows[0].delivery_id}@{site_host()}>", "X-Delivery-ID": str(rows[0].delivery_id)},
    )
    message.attach_alternative(as_html(subject, body), "text/html")
    for row in rows:
        if row.revision is not None and row.operation is not None:
            message.attach(attached(f"{row.operation.reference}.md", bytes(row.revision.plan_text)))
    return message


def attached(name: str, content: bytes) -> MIMEBase:
    """A file of Markdown, byte for byte: encoded so that no line end is changed on the way."""
    part = MIMEBase("text", "markdown", charset="utf-8")
    part.set_payload(content)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part
