"""What left and what waits to. In the demo everybody sees all of it, for there it goes nowhere."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from records.models import Delivery, DeliveryState
from records.pages_by_key import key_page
from records.rights import administers
from records.sending_again import ENDED, send_again, send_all_again
from records.signed_in import person_of


@login_required
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """Deliveries, newest first: everybody's to administrators and in the demo, else one's own."""
    person = person_of(request)
    rows = Delivery.objects.select_related("person", "operation", "target")
    sees_all = settings.DEMO or administers(person)
    if not sees_all:
        rows = rows.filter(person=person)
    state = request.GET.get("state", "")
    if state in DeliveryState.values:
        rows = rows.filter(state=state)
    page = key_page(rows, request.GET, moment="created_at")
    context = {
        "rows": page.rows,
        "newer_url": page.newer_url,
        "older_url": page.older_url,
        "states": DeliveryState.choices,
        "state": state,
        "sees_all": sees_all,
        "administers": administers(person),
        "ended": _ended() if administers(person) else [],
    }
    return render(request, "records/deliveries.html", context)


def _ended() -> list[tuple[str, str, int]]:
    """In which states deliveries stay until somebody sends them again: the state, its words, how many they are."""
    counts = Delivery.objects.filter(state__in=ENDED).values_list("state").order_by("state").annotate(Count("pk"))
    return [(state, str(DeliveryState(state).label), count) for state, count in counts]


@login_required
@require_POST
def deliveries_again(request: HttpRequest) -> HttpResponse:
    """Queue all that ended in one state once more, at once."""
    person = person_of(request)
    count = send_all_again(request.POST.get("state", ""), by=person)
    told = ngettext("%(number)s is queued again.", "%(number)s are queued again.", count) % {"number": count}
    messages.success(request, told if count else _("Nothing was left to be sent again."))
    return redirect("deliveries")


@login_required
@require_POST
def delivery_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue what didn't leave once more, at once."""
    person = person_of(request)
    send_again(pk, by=person)
    messages.success(request, _("It is queued again."))
    return redirect("deliveries")
