"""The page where those who approved a plan confirm the window in which its run goes on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from approvals import actions
from approvals.forms import WindowForm, ask_again
from approvals.signing import NotSigned
from records.models import Operation
from records.refusals import WrongOrder
from records.rights import operation_for
from records.run.stopping import asked_now, may_confirm, still_asked, stop_now
from records.signed_in import person_of
from records.views.carried import carries_along
from records.views.head import head

SEE_OTHER = 303


@sensitive_post_parameters("password")
@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def window(request: HttpRequest, pk: int) -> HttpResponse:
    """The next window of a run that stopped; POST: it is confirmed, as it was shown."""
    person = person_of(request)
    operation = operation_for(person, pk)
    stop_now(operation)
    form, changed = WindowForm(request.POST if request.method == "POST" else None), ""
    if form.is_valid():
        seen, password = form.cleaned_data["window"], form.cleaned_data["password"]
        try:
            actions.confirm_window(operation, seen=seen, password=password, by=person)
        except NotSigned as refusal:
            form.add_error("password", str(refusal))
        except WrongOrder as refusal:
            changed = str(refusal)
        else:
            messages.success(request, _("You confirmed the window."))
            return HttpResponseRedirect(reverse("run", args=[pk]) + "#pause", status=SEE_OTHER)
    return _page(request, operation, form, changed)


def _page(request: HttpRequest, operation: Operation, form: WindowForm, changed: str) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    operation.refresh_from_db(fields=["stops"])
    stop, asked = stop_now(operation), asked_now(operation, now)
    start, end = stop.window
    context = {
        **head(operation, person, _("Confirm the window")),
        "stop": stop,
        "start_at": start,
        "end_at": end,
        "waiting": [one.words for one in still_asked(stop, asked)],
        "may_confirm": may_confirm(person.pk, stop, asked),
        "form": form,
        "problems": [("", changed)] if changed else [],
        "focus_field": ask_again(form),
    }
    status = 409 if changed else 400 if form.errors else 200
    return render(request, "approvals/window.html", context, status=status)
