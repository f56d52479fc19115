"""What left by mail and what waits to. In the demo everybody sees all of it, for there it goes nowhere."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from records import audit, outbox
from records.models import Delivery, DeliveryState, Person, Role
from records.pages_by_key import key_page
from records.refusals import Refused


def administers(person: Person) -> bool:
    """Whether the person may have mail sent again."""
    return Role.ADMINISTRATOR in person.roles_on(timezone.now().date()) or person.is_superuser


@login_required
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """Mails, newest first: everybody's to administrators and in the demo, else one's own."""
    assert isinstance(request.user, Person)
    rows = Delivery.objects.select_related("person", "operation")
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
    """Queue a mail that didn't leave once more, at once."""
    assert isinstance(request.user, Person)
    if not administers(request.user):
        raise Refused(_("Only an administrator can have mail sent again."))
    with transaction.atomic():
        rows = Delivery.objects.filter(pk=pk).exclude(state=DeliveryState.SENT)
        if not rows.update(state=DeliveryState.WAITING, attempts=0, next_at=timezone.now(), leased_until=None):
            raise Http404
        delivery = Delivery.objects.select_related("operation").get(pk=pk)
        audit.record(
            "mail_sent_again",
            operation=delivery.operation,
            person=request.user,
            at=timezone.now(),
            delivery=str(delivery.delivery_id),
        )
        transaction.on_commit(outbox.nudge)
    messages.success(request, _("It is queued again."))
    return redirect("deliveries")
