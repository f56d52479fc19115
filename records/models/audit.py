"""The audit trail: gapless numbers, each entry chained to the one before by SHA-256."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from records.models.operation import Operation


class AuditHead(models.Model):
    """The one row that says where the chain ends; locked while an entry is added."""

    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    objects: ClassVar[models.Manager[AuditHead]] = models.Manager()


class AuditEntry(models.Model):
    """One act. ``hash`` is SHA-256 over the previous hash and the exact stored ``entry`` (canonical JSON)."""

    number = models.PositiveBigIntegerField(unique=True)
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, null=True, related_name="audit")
    at = models.DateTimeField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    person_name = models.CharField(max_length=150)
    act = models.CharField(max_length=40)
    entry = models.TextField()
    hash = models.CharField(max_length=64)

    append_only = True

    objects: ClassVar[models.Manager[AuditEntry]] = models.Manager()

    class Meta:
        ordering = ["-number"]
        indexes = [models.Index(fields=["operation", "-number"], name="audit_by_operation")]
