"""A press of a button that was already counted: what a device sends again counts once."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from records.models.operation import Operation


class Press(models.Model):
    """One press on a run, by the key that the device gave it; ``sent`` is the digest of what came with it."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="presses")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    at = models.DateTimeField()
    sent = models.CharField(max_length=64, blank=True)

    objects: ClassVar[models.Manager[Press]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operation", "person", "key"], name="press_counts_once")]
