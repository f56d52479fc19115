"""What its writers can still do with an approved plan: open it again, or move it to another date."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from approvals import actions
from approvals.forms import RescheduleForm
from approvals.standing import Standing, standing
from records.content.assembly import document_of
from records.content.freezing import document_in
from records.life_cycle import Act, check_state
from records.models import Operation, Person
from records.numbers import number_in
from records.refusals import Changed, Incomplete, Refused, Unusable
from records.rights import Right, may, operation_for
from records.signed_in import person_of
from records.views.carried import carries_along
from records.views.head import head
from records.writing.left_times import staying


def _may_change(person: Person, operation: Operation) -> Right:
    return may(person, operation, Act.CHANGE_PLAN)


def _may_reschedule(person: Person, operation: Operation) -> Right:
    return may(person, operation, Act.RESCHEDULE)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The approvals that a change voids, by name; a POST opens the plan, if those are still all of them."""
    person = person_of(request)
    operation = operation_for(person, pk, _may_change)
    changed = ""
    if request.method == "POST":
        voids = set(filter(None, map(number_in, request.POST.getlist("voids"))))
        try:
            actions.change_plan(operation, voids=voids, by=person)
        except Changed as refusal:
            changed = str(refusal)
        else:
            words = _("The plan can be changed. Once it is sent for review again, only the difference is asked about.")
            messages.success(request, words)
            return redirect("record", pk=pk)
    check_state(operation, Act.CHANGE_PLAN)
    context = {**head(operation, person, _("Change the plan")), "counted": _counted(standing(operation))}
    context["problems"] = [("", changed)] if changed else []
    context["may_reschedule"] = bool(_may_reschedule(person, operation))
    return render(request, "approvals/change_plan.html", context, status=409 if changed else 200)


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def reschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """The new date and times, and who is asked to confirm them."""
    person = person_of(request)
    operation = operation_for(person, pk, _may_reschedule)
    now = standing(operation)
    posted = request.POST if request.method == "POST" else None
    document = document_in(now.revision) if now.revision else None
    form = RescheduleForm(posted, document=document, outline=operation.outline)
    problem, status = "", 200
    if posted is not None and form.is_valid():
        try:
            actions.reschedule(operation, form.times(), digest=form.cleaned_data["digest"], by=person)
        except Changed as refusal:
            problem, status = str(refusal), 409
        except (Incomplete, Refused, Unusable) as refusal:
            problem, status = str(refusal), 400
        else:
            messages.success(request, _("It is in review with its new date. Whoever approved it is asked to confirm."))
            return redirect("record", pk=pk)
    check_state(operation, Act.RESCHEDULE)
    context: dict[str, Any] = {**head(operation, person, _("Another date")), "form": form, "counted": _counted(now)}
    context["names"] = _(" and ").join(decision.person_name for decision in context["counted"])
    context["problems"] = [("#id_date", problem)] if problem else []
    context["staying"] = staying(document_of(operation), operation.outline)
    context["digest"] = now.revision.digest if now.revision else ""
    return render(request, "approvals/reschedule.html", context, status=400 if form.errors else status)


def _counted(now: Standing) -> list[Any]:
    return [decision for _role, decision in now.counted]
