"""What must leave: a row written in the transaction of the act, sent by the worker (I4)."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from records.models.operation import Operation
from records.models.revision import Revision
from records.models.webhook import WebhookTarget


class DeliveryState(models.TextChoices):
    """Where a delivery is."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed for good")
    DIVERGED = "diverged", _("Diverged")
    KEPT = "kept", _("In the inbox alone")


class Delivery(models.Model):
    """One message to one person or one target, or a record to a repository.

    ``delivery_id`` stays the same however often it is tried. Only a test of a target is about no record. What is for
    a person is also a row of their inbox, unread until ``read_at``; the plan of ``revision`` goes along with the mail.
    ``address`` is where a mail goes that is to be read at another address than the person has by now.
    ``answer`` is what the other side said when it was taken: of a publication, the commit. A repository that has
    something else in the record's place is "diverged": ``error`` says what to do there.
    A worker takes it by writing ``leased_until``; what a killed worker held is taken again after that.
    """

    delivery_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=10, default="mail")
    event = models.CharField(max_length=30)
    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, null=True, related_name="deliveries")
    target = models.ForeignKey(WebhookTarget, on_delete=models.PROTECT, null=True, related_name="deliveries")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="deliveries")
    address = models.EmailField(blank=True)
    subject = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    answer = models.CharField(max_length=200, blank=True)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, null=True, related_name="+")
    read_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Delivery]] = models.Manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "next_at"], name="delivery_due"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="delivery_unread"),
            models.Index(fields=["person", "-created_at"], name="delivery_of_person"),
        ]
