"""What shows that the operation worked: checks to tick, quantities to measure."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from records.models.row import Row, Ticked


class Check(Row, Ticked):
    """One line of a verification checklist; an imported tick has nobody's name."""

    text = models.TextField(blank=True)

    objects: ClassVar[models.Manager[Check]] = models.Manager()

    def __str__(self) -> str:
        return self.text


class Metric(Row):
    """A measured quantity; ``after`` is null where only one value is asked for. ``limit`` is in the annex."""

    name = models.TextField()
    before = models.TextField(blank=True)
    after = models.TextField(null=True)
    unit = models.TextField(blank=True)
    limit = models.CharField(max_length=100, blank=True)
    lower_is_better = models.BooleanField(null=True)
    measured_at = models.DateTimeField(null=True)
    measured_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[models.Manager[Metric]] = models.Manager()

    def __str__(self) -> str:
        return self.name
