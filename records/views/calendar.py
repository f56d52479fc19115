"""The calendar: a month as a grid and as a list, and a person's feed."""

from __future__ import annotations

import calendar as months
import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from records.calendar import (
    MOST,
    Night,
    feed_address,
    feed_of,
    in_calendar,
    nights,
    overlapping,
    person_at,
    renew_address,
)
from records.freeze_windows import freezes_in
from records.models import FreezeWindow, State
from records.rights import administers
from records.signed_in import person_of
from records.views.addresses import address

OTHERS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A window in the list, and others that are open at the same time (``more``: even more than these); the freeze
    windows that it touches.
    """

    night: Night
    others: list[Night]
    more: bool
    freezes: list[FreezeWindow]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the grid, on the reader's own clock."""

    date: dt.date
    in_month: bool
    is_today: bool
    lines: list[Line]
    freezes: list[FreezeWindow]
    is_past: bool


@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The month that the address names, else this one; days are those of the reader's own clock."""
    person = person_of(request)
    first = _month(request.GET.get("month", ""))
    mine = request.GET.get("mine") == "1"
    weeks = months.Calendar().monthdatescalendar(first.year, first.month)
    since, until = _midnight(weeks[0][0]), _midnight(weeks[-1][-1] + dt.timedelta(days=1))
    rows = in_calendar(person, since, until, around=min(max(timezone.now(), since), until), mine=mine)
    found = [
        one for one in nights(rows.operations) if one.operation.state != State.CANCELLED and _touches(one, since, until)
    ]
    found.sort(key=lambda one: (one.start, one.operation.pk))
    freezes = list(freezes_in(since, until))
    lines = _lines(found, freezes)
    last = first + dt.timedelta(days=months.monthrange(first.year, first.month)[1])
    context = {
        "here": "calendar",
        "month": first,
        "mine": mine,
        "weeks": [[_day(date, first, lines, freezes) for date in week] for week in weeks],
        "lines": [one for one in lines if _touches(one.night, _midnight(first), _midnight(last))],
        "freezes": _touching(freezes, _midnight(first), _midnight(last)),
        "edit_freezes": address("admin:records_freezewindow_changelist") if administers(person) else "",
        "most": MOST if rows.is_cut else 0,
        "zone": timezone.get_current_timezone_name(),
        "before": first - dt.timedelta(days=1),
        "after": last,
        "feed": feed_address(person),
    }
    return render(request, "records/calendar.html", context)


def _month(written: str) -> dt.date:
    """The first day of the month that is written as 2026-12; of this month where none can be read."""
    try:
        first = dt.datetime.strptime(written, "%Y-%m").date()
    except ValueError:
        first = timezone.localdate().replace(day=1)
    return first if 2000 <= first.year <= 2100 else timezone.localdate().replace(day=1)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())


def _touches(one: Night, since: dt.datetime, until: dt.datetime) -> bool:
    return one.start < until and (one.end > since or one.start == one.end >= since)


def _touching(freezes: list[FreezeWindow], since: dt.datetime, until: dt.datetime) -> list[FreezeWindow]:
    return [one for one in freezes if one.starts_at < until and one.ends_at > since]


def _day(date: dt.date, first: dt.date, lines: list[Line], freezes: list[FreezeWindow]) -> Day:
    since, until, today = _midnight(date), _midnight(date + dt.timedelta(days=1)), timezone.localdate()
    own = [one for one in lines if _touches(one.night, since, until)]
    return Day(date, date.month == first.month, date == today, own, _touching(freezes, since, until), date < today)


def _lines(found: list[Night], freezes: list[FreezeWindow]) -> list[Line]:
    others = overlapping(found, OTHERS + 1)
    return [
        Line(one, own[:OTHERS], len(own) > OTHERS, _touching(freezes, one.start, one.end))
        for one, own in zip(found, others, strict=True)
    ]


@login_required
@require_POST
def calendar_renew(request: HttpRequest) -> HttpResponse:
    """Another address for one's own feed."""
    person = person_of(request)
    renew_address(person)
    messages.success(request, _("The feed has another address now; the old one shows nothing any more."))
    return redirect("calendar")


@require_http_methods(["GET", "HEAD"])
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed, to whoever knows its address; no sign-in, since calendars have none."""
    person = person_at(token)
    if person is None:
        raise Http404
    content = feed_of(person, mine=request.GET.get("all") != "1")
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")
