"""The inbox: unread first, one line each. Whatever changes is a button of a form; no script is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from records.inbox import address_of, inbox_of, mark, mute, open_message, read_all
from records.models import Delivery, Person
from records.numbers import number_in
from records.overtaken import overtaken, overtaken_words
from records.pages_by_key import key_page
from records.signed_in import person_of

MOST = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A message, and why it asks for nothing any more, or nothing."""

    row: Delivery
    overtaken: str


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """Show it; do what was pressed."""
    person = person_of(request)
    if request.method == "POST":
        return _pressed(request, person)
    rows = inbox_of(person).select_related("operation")
    unread = list(rows.filter(~overtaken(), read_at=None).order_by("-created_at", "-pk")[:MOST])
    page = key_page(rows.filter(Q(read_at__isnull=False) | overtaken()), request.GET, moment="created_at")
    done = set(rows.filter(overtaken(), pk__in=[row.pk for row in page.rows]).values_list("pk", flat=True))
    context: dict[str, Any] = {
        "here": "inbox",
        "unread": [Line(row, "") for row in unread],
        "newest": max((row.pk for row in unread), default=0),
        "read": [Line(row, overtaken_words(row) if row.pk in done else "") for row in page.rows],
        "newer_url": page.newer_url,
        "older_url": page.older_url,
        "muted": set(person.muted.values_list("pk", flat=True)),
    }
    return render(request, "records/inbox.html", context)


def _pressed(request: HttpRequest, person: Person) -> HttpResponse:
    act, _colon, text = request.POST.get("act", "").partition(":")
    number = number_in(text)
    if number is None:
        raise BadRequest("This button isn't known.")
    if act == "open":
        return redirect(address_of(open_message(number, by=person)))
    if act == "read_all":
        read_all(up_to=number, by=person)
    elif act in ("read", "unread"):
        mark(number, read=act == "read", by=person)
    elif act in ("mute", "unmute"):
        operation = mute(number, by=person, muted=act == "mute")
        now_muted = _("%(record)s is muted: only what asks you, or alarms, comes by mail.")
        words = now_muted if act == "mute" else _("%(record)s is not muted any more.")
        messages.success(request, words % {"record": operation})
    else:
        raise BadRequest("This button isn't known.")
    return redirect("inbox")
