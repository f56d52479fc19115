"""Mail: one delivery as a plain-text message, through the configured backend."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage

from opsrecords.deliveries.failures import Undeliverable
from records.models import Delivery


def send_mail(delivery: Delivery) -> str:
    """Send it. Its ID is in the headers, so that whoever gets it twice can tell. Raises whatever the backend raises."""
    if delivery.person is None or not delivery.person.email:
        raise Undeliverable("No e-mail address is known.")
    host = settings.SITE_URL.split("//", 1)[-1].split("/", 1)[0].split(":", 1)[0]
    message = EmailMessage(
        subject=delivery.subject,
        body=delivery.body,
        to=[delivery.person.email],
        headers={"Message-ID": f"<{delivery.delivery_id}@{host}>", "X-Delivery-ID": str(delivery.delivery_id)},
    )
    message.send()
    return ""
