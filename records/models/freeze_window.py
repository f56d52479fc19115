"""Times in which nothing should be changed."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class FreezeWindow(models.Model):
    """A time in which changes are to be avoided, and why. It warns; a hard one lets nothing start but emergencies.

    Never deleted: switched off.
    """

    name = models.CharField(_("what it is for"), max_length=120)
    starts_at = models.DateTimeField(_("from"), help_text=_("On your own clock, as the calendar shows it."))
    ends_at = models.DateTimeField(_("until"))
    is_hard = models.BooleanField(
        _("hard: no start in it"),
        default=False,
        help_text=_("Nothing approved can be started while it lasts, whoever allows it; an emergency can."),
    )
    is_active = models.BooleanField(_("in force"), default=True)

    objects: ClassVar[models.Manager[FreezeWindow]] = models.Manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        verbose_name = _("freeze window")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="freeze_window_ends_later",
                violation_error_message=_("It has to end after it begins."),
            )
        ]

    def clean(self) -> None:
        """The first and the last year of the calendar are none: on another clock they could lie outside of it."""
        super().clean()
        for name in ("starts_at", "ends_at"):
            moment = getattr(self, name)
            if moment and not dt.MINYEAR < moment.year < dt.MAXYEAR:
                raise ValidationError({name: _("Write a year between 2 and 9998.")})

    def __str__(self) -> str:
        start, end = (moment.astimezone(dt.UTC) for moment in (self.starts_at, self.ends_at))
        return f"{self.name}, {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
