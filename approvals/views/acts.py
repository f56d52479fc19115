"""The acts of author and approver that are one button: withdraw, take back, cancel."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from approvals import actions
from approvals.forms import ReasonForm
from records.models import Operation, Person
from records.rights import operation_for
from records.signed_in import person_of
from records.views.carried import carries_along_to
from records.views.head import head


def _withdraw(request: HttpRequest, operation: Operation, by: Person) -> str:
    actions.withdraw(operation, by=by)
    return _("It is a draft again. Whoever was asked for a review has been told.")


def _take_back(request: HttpRequest, operation: Operation, by: Person) -> str:
    actions.take_back_approval(operation, reason=request.POST.get("reason", ""), by=by)
    return _("Your approval is taken back. The record is in review again.")


def _cancel(request: HttpRequest, operation: Operation, by: Person) -> str:
    actions.cancel(operation, reason=request.POST.get("reason", ""), by=by)
    return _("The record is cancelled.")


ACTS: dict[str, Callable[[HttpRequest, Operation, Person], str]] = {
    "withdraw": _withdraw,
    "take-back": _take_back,
    "cancel": _cancel,
}
ASKS_FOR_REASON = {"take-back": gettext_lazy("Take my approval back"), "cancel": gettext_lazy("Cancel this record")}


@carries_along_to("record")
@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Do ``act`` and go to the record; a reason that is missing is asked for, what can't be done is told in words."""
    person = person_of(request)
    operation = operation_for(person, pk)
    if act in ASKS_FOR_REASON:
        form = ReasonForm(request.POST)
        if not form.is_valid():
            context = {"form": form, "act": act, "button": ASKS_FOR_REASON[act]}
            context |= head(operation, person, str(ASKS_FOR_REASON[act]))
            return render(request, "approvals/reason.html", context, status=400)
    messages.success(request, ACTS[act](request, operation, person))
    return redirect("review" if act == "take-back" else "record", pk=pk)
