"""The record's copy of one template section: its answers, and a version number for safe saving."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from records.models.operation import Operation


class SectionKind(models.TextChoices):
    """What a section is in the document."""

    HEADER = "header"
    SECTION = "section"
    FOOTER = "footer"
    GUIDANCE = "guidance"


class Section(models.Model):
    """One section of a record.

    ``answers`` holds the texts of labelled, free and unrecognised blocks by key, as written; ``layout`` what
    surrounds them (headings, slices, gaps, where rows stand), in the shape that ``records.content.assembly`` reads.
    Rows (phases, steps, risks, …) are models of their own and belong to this section's ``version``.
    ``progress`` is what readiness counted at the last save. ``carried`` are the keys of the fields that came from
    the record it was cloned from, and that nobody has looked at yet.
    """

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="sections")
    key = models.CharField(max_length=300)
    kind = models.CharField(max_length=10, choices=SectionKind.choices)
    title = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField()
    layout = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    carried = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[models.Manager[Section]] = models.Manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["operation", "key"], name="section_key_once")]

    def __str__(self) -> str:
        return self.title or self.key


class SectionPresence(models.Model):
    """Who has the section open in a browser, as far as the browser said lately."""

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="presences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    objects: ClassVar[models.Manager[SectionPresence]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["section", "person"], name="presence_once")]


class FieldChange(models.Model):
    """One field's change in one save: who, when, what it was and what it became.

    ``page`` names the opened page that saved it: what a page wrote itself is never somebody else's change to it.
    """

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="field_changes")
    section_key = models.CharField(max_length=300)
    key = models.CharField(max_length=600)
    label = models.CharField(max_length=300, blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    is_plan = models.BooleanField(default=True)
    version = models.PositiveIntegerField()
    page = models.CharField(max_length=32, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="field_changes")
    at = models.DateTimeField()

    append_only = True

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["operation", "-at"], name="change_by_operation")]
