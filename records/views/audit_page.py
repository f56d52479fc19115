"""The trail of the whole site, for auditors and administrators; its chain checked on request; as a table file."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from records.act_words import act_words
from records.checkpoints import newest_fault, noted, verify_all
from records.models import AuditEntry, AuditHead, Person
from records.numbers import number_in
from records.pages_by_key import without
from records.reading.field_history import acted, named_in
from records.refusals import Incomplete, Refused, Unusable
from records.signed_in import person_of
from records.time_words import EXAMPLES, unread
from records.trail import ASKED, as_csv, name_of, narrowed, reads_trail, shown_record
from records.views.addresses import address

SIZE = 50


@login_required
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Entries by number, newest first, narrowed by person, act, record and days in the address."""
    reader = _reader(request)
    asked = _asked(request)
    entries, after = narrowed(asked, reader), request.GET.get("after", "")
    if (number := number_in(after)) is not None:
        entries = entries.filter(number__lt=number)
    found = list(entries[: SIZE + 1])
    names = named_in(found)
    query = without(request.GET, "after", "check")
    newer = query.urlencode()
    query["after"] = str(found[SIZE - 1].number) if len(found) > SIZE else ""
    context: dict[str, Any] = {
        "asked": asked,
        "unread": _unread(asked),
        "narrowed": any(asked.values()),
        "entries": [(entry, acted(entry, names), *_where(entry, reader)) for entry in found[:SIZE]],
        "older_url": f"?{query.urlencode()}" if len(found) > SIZE else "",
        "newer_url": f"?{newer}" if after else "",
        "csv_url": f"{address('audit_csv')}?{newer}",
        "acts": [(act, act_words(act)) for act in _acts()],
        "end": AuditHead.objects.filter(pk=1).first(),
        "checkpoint": _last_checkpoint(),
        "checked": "check" in request.GET,
        "fault": verify_all() if "check" in request.GET else newest_fault(),
    }
    return render(request, "records/audit.html", context)


@login_required
@require_safe
def audit_csv(request: HttpRequest) -> HttpResponseBase:
    """The same entries, all of them, as a table file; no cell of it is a formula.

    Raises Incomplete for a day that can't be read: the file has no place to say that it is of all days.
    """
    reader, asked = _reader(request), _asked(request)
    if _unread(asked):
        raise Incomplete([EXAMPLES["date"]])
    lines = as_csv(narrowed(asked, reader), reader)
    headers = {"Content-Disposition": 'attachment; filename="audit-trail.csv"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _reader(request: HttpRequest) -> Person:
    person = person_of(request)
    if not reads_trail(person):
        raise Refused(_("The trail of the whole site is for auditors and administrators."))
    return person


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:150] for name in ASKED}


def _unread(asked: dict[str, str]) -> dict[str, str]:
    """How to write the days that can't be read, by the names of their fields."""
    return {name: words for name in ("since", "until") if (words := unread("date", asked[name]))}


def _acts() -> list[str]:
    return list(AuditEntry.objects.order_by("act").values_list("act", flat=True).distinct())


def _last_checkpoint() -> int:
    """The number of the entry that the last checkpoint names; 0 without one that can be read."""
    try:
        return noted()[-1].number
    except (Unusable, IndexError):
        return 0


def _where(entry: AuditEntry, reader: Person) -> tuple[str, str]:
    """What the record is called, and its address where the reader may see it."""
    own = shown_record(entry, reader)
    return name_of(entry, reader), address("record", own.pk) if own else ""
