"""The queue of decisions: what waits for the person by its window, and what they decided before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from approvals.bases import BYTES
from approvals.models import Decision
from approvals.waiting import ToDecide, to_decide, was_sent_late
from records.models import Operation, Person
from records.pages_by_key import key_page
from records.rights import visible_to
from records.signed_in import person_of
from records.views.addresses import address
from records.views.record_list import levels_of_templates

WAITING, DECIDED = "waiting", "decided"
FINAL_BYTES = ("final_text__text", "final_text__content")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A plan that waits: among how many risk levels its own stands, whether it is late, or was so when it was sent."""

    one: ToDecide
    url: str
    risk_total: int
    late: bool
    sent_late: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """Something that the person decided: on which record, on what of it, and where that is read."""

    decision: Decision
    operation: Operation
    what: str
    url: str
    risk_total: int


@login_required
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """What waits for the person's decision; with ``show=decided`` what they decided, the newest first."""
    person = person_of(request)
    now = timezone.now()
    waiting = to_decide(person, at=now)
    levels = {pk: len(own) for pk, own in levels_of_templates().items()}
    show = DECIDED if request.GET.get("show") == DECIDED else WAITING
    asked = request.GET.get("q", "").strip()[:200].replace("\0", "")
    page = key_page(_decided_by(person, asked), request.GET, moment="at")
    context = {
        "here": "decisions",
        "show": show,
        "q": asked,
        "number": len(waiting),
        "waiting": [_waiting(one, levels, now) for one in waiting],
        "decided": _decided(page.rows, levels) if show == DECIDED else (),
        "newer_url": page.newer_url,
        "older_url": page.older_url,
    }
    return render(request, "approvals/decisions.html", context)


def _waiting(one: ToDecide, levels: dict[int, int], now: dt.datetime) -> Waiting:
    total = levels.get(one.operation.template_id or 0, 0)
    return Waiting(one, address("review", one.operation.pk), total, one.is_late(now), was_sent_late(one.operation))


def _decided_by(person: Person, asked: str) -> QuerySet[Decision]:
    """The person's decisions on records, those whose title or ID holds ``asked``. Seen are records that still are."""
    seen = visible_to(person)
    for word in asked.split()[:6]:
        seen = seen.filter(Q(title__icontains=word) | Q(operation_id__icontains=word))
    told = Decision.objects.filter(person=person)
    told = told.filter(
        Q(revision__operation__in=seen) | Q(final_text__operation__in=seen) | Q(addendum__operation__in=seen)
    )
    rows = told.select_related("revision__operation", "final_text__operation", "addendum__operation")
    return rows.defer(*(f"revision__{name}" for name in BYTES), *FINAL_BYTES, "addendum__text")


def _decided(rows: Sequence[Decision], levels: dict[int, int]) -> list[Decided]:
    found = []
    for one in rows:
        if on := one.revision:
            operation, url = on.operation, f"{address('review', on.operation_id)}?view=history"
            what = _("revision %(number)s") % {"number": on.number}
        elif added := one.addendum:
            operation, what = added.operation, _("addendum %(number)s") % {"number": added.number}
            url = f"{address('record', operation.pk)}#addendum-{added.number}"
        else:
            assert one.final_text is not None
            operation, what = one.final_text.operation, _("the final text")
            url = address("sign_off", operation.pk)
        found.append(Decided(one, operation, what, url, levels.get(operation.template_id or 0, 0)))
    return found
