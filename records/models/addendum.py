"""What was added to a finalized record: the final text itself never changes."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from records.models.operation import Operation
from records.models.revision import FinalText


class Addendum(models.Model):
    """A dated text beside a record's final text, signed off by another person, or turned down.

    ``text`` is UTF-8 Markdown; ``digest`` binds it to its record, its final text, its writer and its time
    (``records.content.addenda``). The name is the one of then.
    """

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="addenda")
    number = models.PositiveIntegerField()
    final_text = models.ForeignKey(FinalText, on_delete=models.PROTECT, related_name="addenda")
    text = models.BinaryField()
    digest = models.CharField(max_length=64)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=150)
    written_at = models.DateTimeField()

    append_only = True

    objects: ClassVar[models.Manager[Addendum]] = models.Manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["operation", "number"], name="addendum_number_once")]

    def __str__(self) -> str:
        return f"{self.operation}, addendum {self.number}"
