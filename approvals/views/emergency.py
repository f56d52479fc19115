"""Starting at once, although nobody approved it; and completing the plan after the work."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from approvals import actions
from approvals.closing_page import tasks_of
from approvals.emergency_forms import CompleteForm, EmergencyForm
from approvals.forms import problems_of
from approvals.views.afterwards import lacking_lines
from records.life_cycle import Act, check_state
from records.models import Operation, Person
from records.refusals import Incomplete, Unusable, WrongOrder
from records.rights import Right, may, operation_for
from records.run.pressing import new_key
from records.signed_in import person_of
from records.views.carried import carries_along
from records.views.head import head
from records.views.new_record import new_context, newest_templates
from records.writing.from_the_run import to_write, write_recorded_steps


def _may_start(person: Person, operation: Operation) -> Right:
    return may(person, operation, Act.EMERGENCY_START)


def _may_complete(person: Person, operation: Operation) -> Right:
    return may(person, operation, Act.COMPLETE_PLAN)


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: HttpRequest, pk: int) -> HttpResponse:
    """Five answers, and the run begins. Only for the operator."""
    person = person_of(request)
    operation = operation_for(person, pk, _may_start)
    check_state(operation, Act.EMERGENCY_START)
    form = EmergencyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.emergency_start(operation, answers=form.answers(), by=person)
        except (Incomplete, Unusable) as lacking:
            form.add_error(None, str(lacking))
        else:
            return _started(request, operation)
    context = {**head(operation, person, _("Emergency start")), **_told(form), "back": operation}
    return render(request, "approvals/emergency.html", context, status=400 if form.errors else 200)


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def emergency_new(request: HttpRequest) -> HttpResponse:
    """The same for a record that isn't there yet: whoever asks writes and runs it. The page has a key, so that what is
    sent from it twice begins one record.
    """
    templates = newest_templates()
    if not templates:
        raise WrongOrder(_("No template is stored yet. A template keeper brings one in."))
    form = EmergencyForm(request.POST if request.method == "POST" else None, templates=templates)
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data.get("template", templates[0].pk)
        template = next(one for one in templates if one.pk == chosen)
        try:
            key = request.POST.get("press", "")
            operation = actions.start_from_nothing(template, answers=form.answers(), by=person_of(request), key=key)
        except (Incomplete, Unusable) as lacking:
            form.add_error(None, str(lacking))
        else:
            return _started(request, operation)
    context = {**new_context(crumb=_("Emergency start")), **_told(form)}
    context["press"] = request.POST.get("press") or new_key()
    return render(request, "approvals/emergency.html", context, status=400 if form.errors else 200)


def _told(form: EmergencyForm) -> dict[str, Any]:
    """The form, and what is wrong with it."""
    problems = problems_of(form)
    words = ngettext("%(n)s answer is missing", "%(n)s answers are missing", len(problems)) % {"n": len(problems)}
    lacks = all(form.has_error(name, "required") for name in form.errors)
    return {"form": form, "problems": problems, "problem_title": words if lacks else ""}


def _started(request: HttpRequest, operation: Operation) -> HttpResponse:
    messages.warning(request, _("It runs now. Note what you do, as you do it."))
    return redirect("run", pk=operation.pk)


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def complete_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """What the plan of an emergency still lacks, how its steps went, and the button that freezes it; with another one
    the steps that were recorded are written into the plan.
    """
    person = person_of(request)
    operation = operation_for(person, pk, _may_complete)
    check_state(operation, Act.COMPLETE_PLAN)
    if not operation.owes_plan:
        raise WrongOrder(_("The plan of this record is complete."))
    if request.POST.get("do") == "write_recorded":
        write_recorded_steps(operation, by=person)
        messages.success(request, _("Written into the plan, with their commands. Say there what else belongs to them."))
        return redirect("complete_plan", pk=pk)
    form = CompleteForm(operation, request.POST if request.method == "POST" else None)
    problems: list[tuple[str, str]] = []
    if form.is_bound and form.is_valid():
        try:
            actions.complete_plan(operation, form.went(), by=person)
        except Incomplete as lacking:
            problems = lacking_lines(operation, lacking)
        except Unusable as refusal:
            problems = [("", str(refusal))]
        else:
            messages.success(request, _("The plan is complete. Write down what came of it, then the operator signs."))
            return redirect("close", pk=pk)
    context: dict[str, Any] = {**head(operation, person, _("Complete the plan")), "form": form, "problems": problems}
    tasks = tasks_of(operation, "plan")
    context["noted"] = [f"U{step.position} {step.title}" for step in to_write(operation)]
    context |= {"tasks": tasks, "left": sum(not task.is_done for task in tasks)}
    status = 409 if problems else 400 if form.errors else 200
    return render(request, "approvals/complete_plan.html", context, status=status)
