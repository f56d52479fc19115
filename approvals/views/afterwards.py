"""Recording afterwards what was done before anybody approved it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from approvals import actions
from approvals.closing_forms import AfterwardsForm
from approvals.views.check import needed_lines
from records.life_cycle import Act, check_state
from records.models import Operation, Person
from records.refusals import Incomplete, Refused, Unusable
from records.rights import Right, may, operation_for
from records.signed_in import person_of
from records.views.carried import carries_along
from records.views.head import head
from records.writing.readiness import Missing


def _may_record(person: Person, operation: Operation) -> Right:
    return may(person, operation, Act.RECORD_AFTERWARDS)


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def afterwards(request: HttpRequest, pk: int) -> HttpResponse:
    """Say when and why it was done, and what was left out; then it is closed like any other record."""
    person = person_of(request)
    operation = operation_for(person, pk, _may_record)
    check_state(operation, Act.RECORD_AFTERWARDS)
    form = AfterwardsForm(operation, request.POST if request.method == "POST" else None)
    problems: list[tuple[str, str]] = []
    if form.is_bound and form.is_valid():
        try:
            actions.record_afterwards(operation, form.happened(), by=person)
        except Incomplete as lacking:
            problems = lacking_lines(operation, lacking)
        except (Refused, Unusable) as refusal:
            problems = [("", str(refusal))]
        else:
            messages.success(request, _("It is recorded as done. Write down what came of it, then sign it."))
            return redirect("close", pk=pk)
    context: dict[str, Any] = {**head(operation, person, _("Record it afterwards")), "form": form}
    context["problems"] = problems
    status = 409 if problems else 400 if form.errors else 200
    return render(request, "approvals/afterwards.html", context, status=status)


def lacking_lines(operation: Operation, lacking: Incomplete) -> list[tuple[str, str]]:
    """What is still needed, with the way to it where it is a field of the plan."""
    fields = [one for one in lacking.missing if isinstance(one, Missing)]
    others = [("", str(one)) for one in lacking.missing if not isinstance(one, Missing)]
    return [*((said.url, f"{said.title} {said.words}".strip()) for said in needed_lines(operation, fields)), *others]
