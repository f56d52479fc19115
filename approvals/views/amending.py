"""Amending a finalized record: writing an addendum, and the decision on it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from approvals import actions
from approvals.amending import involved_with
from approvals.amending_forms import AddendumDecisionForm, AddendumForm
from approvals.eligibility import candidate_of
from approvals.forms import ask_again
from approvals.rules import may_sign_off
from approvals.signing import NotSigned
from records.content.addenda import addenda_of
from records.life_cycle import Act, check_state
from records.models import Operation, Person
from records.reading.addenda import addendum_shown
from records.refusals import Changed, Incomplete
from records.rights import Right, may, operation_for
from records.signed_in import person_of
from records.views.carried import carries_along
from records.views.head import head

SEE_OTHER = 303


def _may_amend(person: Person, operation: Operation) -> Right:
    return may(person, operation, Act.AMEND)


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Write an addendum; POST: it waits for another person."""
    person = person_of(request)
    operation = operation_for(person, pk, _may_amend)
    check_state(operation, Act.AMEND)
    form = AddendumForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            addendum = actions.amend(operation, text=form.cleaned_data["text"], by=person)
        except Incomplete as lacking:
            form.add_error("text", str(lacking))
        else:
            messages.success(request, _("The addendum waits until another person signs it off."))
            return _to(operation, addendum.number)
    context = {**head(operation, person, _("Addendum")), "form": form}
    return render(request, "approvals/amend.html", context, status=400 if form.errors else 200)


@sensitive_post_parameters("password")
@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def addendum(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One addendum; POST: a supervisor who neither wrote nor ran any of the record signs it off, or turns it down."""
    person = person_of(request)
    operation = operation_for(person, pk)
    form, changed = AddendumDecisionForm(request.POST if request.method == "POST" else None), ""
    if form.is_valid():
        try:
            _decide(operation, number, form, person)
        except NotSigned as refusal:
            form.add_error("password", str(refusal))
        except Incomplete as lacking:
            form.add_error("reason", str(lacking))
        except Changed as refusal:
            changed = str(refusal)
        else:
            messages.success(request, _("Decided. Those whom the record concerns are told."))
            return _to(operation, number)
    return _page(request, operation, number, form, changed)


def _decide(operation: Operation, number: int, form: AddendumDecisionForm, by: Person) -> None:
    told = form.cleaned_data
    if told["do"] == "turn_down":
        actions.turn_down_addendum(operation, number=number, digest=told["digest"], reason=told["reason"], by=by)
    else:
        actions.sign_off_addendum(operation, number=number, digest=told["digest"], password=told["password"], by=by)


def _page(
    request: HttpRequest, operation: Operation, number: int, form: AddendumDecisionForm, changed: str
) -> HttpResponse:
    person = person_of(request)
    added = next((one for one in addenda_of(operation) if one.addendum.number == number), None)
    if added is None:
        raise Http404
    right = may_sign_off(candidate_of(person, timezone.now().date()), involved_with(added.addendum))
    context = {**head(operation, person, _("Addendum")), "one": addendum_shown(added), "form": form}
    context |= {"refused": right.reason, "problems": [("", changed)] if changed else []}
    context["focus_field"] = ask_again(form)
    status = 409 if changed else 400 if form.errors else 200
    return render(request, "approvals/addendum.html", context, status=status)


def _to(operation: Operation, number: int) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('record', args=[operation.pk])}#addendum-{number}", status=SEE_OTHER)
