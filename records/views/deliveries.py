"""What left and what waits to. In the demo everybody sees all of it, for there it goes nowhere."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from records.models import Delivery, DeliveryState, Person
from records.pages_by_key import key_page
from records.rights import administers
from records.sending_again import send_again


@login_required
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """Deliveries, newest first: everybody's to administrators and in the demo, else one's own."""
    assert isinstance(request.user, Person)
    rows = Delivery.objects.select_related("person", "operation", "target")
    sees_all = settings.DEMO or administers(request.user)
    if not sees_all:
        rows = rows.filter(person=request.user)
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
        "administers": administers(request.user),
    }
    return render(request, "records/deliveries.html", context)


@login_required
@require_POST
def delivery_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue what didn't leave once more, at once."""
    assert isinstance(request.user, Person)
    send_again(pk, by=request.user)
    messages.success(request, _("It is queued again."))
    return redirect("deliveries")
