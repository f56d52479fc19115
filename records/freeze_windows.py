"""Freeze windows: which of them a time touches. They warn; a hard one lets nothing start."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from records.models import FreezeWindow


def freezes_in(since: dt.datetime, until: dt.datetime) -> QuerySet[FreezeWindow]:
    """The freeze windows in force at some moment of that time, the earliest first."""
    touching = FreezeWindow.objects.filter(is_active=True, starts_at__lt=until, ends_at__gt=since)
    return touching.order_by("starts_at", "pk")


def next_hard_freeze(at: dt.datetime) -> FreezeWindow | None:
    """The hard freeze in force at ``at``, or the first that begins later. One query."""
    return FreezeWindow.objects.filter(is_active=True, is_hard=True, ends_at__gt=at).order_by("starts_at", "pk").first()
