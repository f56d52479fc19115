"""What all rows of a section have in common: a stable key, a place, and the slice they were read from."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from records.models.section import Section


class Row(models.Model):
    """A row that people add, move and remove. Its ``key`` is given at birth and never changes.

    ``block`` is the key of the rows' place in the section's layout; ``slice`` keeps the source it was read
    from and how it was read. A ``loose`` row is an item of another shape, whose Markdown stands in its text.
    """

    section = models.ForeignKey(Section, on_delete=models.CASCADE)
    block = models.CharField(max_length=600)
    key = models.CharField(max_length=600)
    position = models.PositiveSmallIntegerField()
    slice = models.JSONField(default=dict)
    loose = models.BooleanField(default=False)

    class Meta:
        abstract = True
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["section", "key"], name="%(class)s_key_once")]


class TitledRow(Row):
    """A row with a bold title, text, and parts under it: fenced commands, labelled details, notes."""

    title = models.TextField(blank=True)
    text = models.TextField(blank=True)
    parts = models.JSONField(default=list)

    class Meta(Row.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.title


class Ticked(models.Model):
    """What the run writes of a line that is ticked: by whom, when, what shows it, or why it wasn't looked at.

    ``observe_until``: it takes longer than the night, and is looked at until then.
    """

    ticked = models.BooleanField(default=False)
    ticked_at = models.DateTimeField(null=True)
    ticked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    evidence = models.TextField(blank=True)
    unticked_because = models.TextField(blank=True)
    observe_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def is_observed(self) -> bool:
        """Whether it is still looked at: the work may end without it, the record may not be signed."""
        return self.observe_until is not None and not self.ticked and not self.unticked_because

    @property
    def is_seen_to(self) -> bool:
        """Whether the work may end as far as it is concerned: ticked, left out for a reason, or observed for longer."""
        return bool(self.ticked or self.unticked_because or self.is_observed)
