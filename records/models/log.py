"""The log of a run: what was noted, when and by whom."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from records.models.evidence import Evidence
from records.models.operation import Operation


class LogEntry(models.Model):
    """A line of the run's log: written by an act (``kind``) or by a person as a note or a deviation.

    ``at`` is when it happened, as far as was said; ``written_at`` when it was written. The name is the one of then.
    """

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField()
    written_at = models.DateTimeField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=30)
    text = models.TextField(blank=True)
    step_key = models.CharField(max_length=600, blank=True)
    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, null=True)

    objects: ClassVar[models.Manager[LogEntry]] = models.Manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["operation", "-at"], name="log_by_operation")]
