"""What was frozen: the plan at each submission, the whole record at closing. Stored bytes, never changed.

A model that is ``append_only`` is kept so by triggers (``records.triggers``).
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from records.document.digest import sha256
from records.models.operation import Operation


class Revision(models.Model):
    """A numbered copy of the plan: its text, its annex, the copied approval rule, and one digest over them.

    ``annex``, ``rule`` and ``content`` are canonical JSON, kept as the very bytes that were digested;
    ``content`` is the keyed document (``records.document.exchange``), for pages and differences. ``schema`` says how
    the digest is made (``records.content.freezing.revision_digest``): revisions of earlier releases keep theirs.
    """

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    plan_text = models.BinaryField()
    annex = models.BinaryField()
    rule = models.BinaryField()
    content = models.BinaryField()
    template_digest = models.CharField(max_length=64, blank=True)
    schema = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    note = models.TextField(blank=True)

    append_only = True

    objects: ClassVar[models.Manager[Revision]] = models.Manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["operation", "number"], name="revision_number_once")]

    def __str__(self) -> str:
        return f"{self.operation}, revision {self.number}"

    @property
    def text_digest(self) -> str:
        """The SHA-256 of the plan text alone, as any tool gives it for the file; ``digest`` covers more."""
        return sha256(bytes(self.plan_text))


class FinalText(models.Model):
    """The whole record as the operator signed it; what is signed off, exported and published."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="final_texts")
    number = models.PositiveIntegerField()
    text = models.BinaryField()
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField()

    append_only = True

    objects: ClassVar[models.Manager[FinalText]] = models.Manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["operation", "number"], name="final_text_number_once")]
