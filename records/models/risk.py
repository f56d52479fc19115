"""Risks with their level and the measures that the template asks for at that level."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from records.models.row import TitledRow


class Risk(TitledRow):
    """A risk. ``level`` is one of the template's risk levels, or empty where its heading names none."""

    level = models.CharField(max_length=60, blank=True)
    treatment = models.CharField(max_length=100, blank=True)

    objects: ClassVar[models.Manager[Risk]] = models.Manager()
