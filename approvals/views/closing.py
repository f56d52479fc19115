"""Closing a record: what is still due, the outcome, the operator's signature, the sign-off by another person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from approvals import actions
from approvals.closing import final_text_shown
from approvals.closing_forms import OutcomeForm, SignForm, SignOffForm
from approvals.closing_page import close_context, text_shown
from approvals.forms import ask_again, problems_of
from approvals.plan_against_actual import beyond, sign_off_context
from approvals.signing import NotSigned
from records.content.facts import answer_now
from records.forms.controls import anchor_of
from records.life_cycle import Act, check_state
from records.models import Check, Operation, RecoveryValidation, State
from records.refusals import Changed, Incomplete, WrongOrder
from records.rights import may, operation_for
from records.run import proposals, running
from records.signed_in import person_of
from records.views.addresses import address
from records.views.carried import carries_along
from records.views.head import head
from records.views.run import came_from
from records.views.run_rows import put_back
from records.views.step_acts import ON_STEPS
from records.writing.readiness import Missing

NO_CONTENT, SEE_OTHER = 204, 303
# What a session remembers of the form of the outcome, by the number of its record.
CHOSEN, LONGEST = "chosen-", 100
OBSERVED = ("tick_check", "skip_check", "observe_check")
Problems = list[tuple[str, str]]


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """What is left to do after the run. POST: values are taken over, a check that was observed is ticked, what was
    chosen of the outcome is remembered; or the supervisor sends the record back to its run.
    """
    person = person_of(request)
    operation = operation_for(person, pk)
    if request.method != "POST":
        return _close(request, operation, _as_chosen(request, operation), [])
    word = request.POST.get("do", "")
    _remember(request, operation, request.POST)
    if word == "choose":
        return HttpResponse(status=NO_CONTENT)
    try:
        if word == "take_over":
            proposals.take_over(operation, keys=request.POST.getlist("value"), by=person)
            place = "?take=one#proposed" if request.POST.get("take") == "one" else "#proposed"
            return _back(request, pk, _("Taken over. Put it in your own words where that says more."), place)
        if word in OBSERVED:
            ON_STEPS[word](operation, person, request.POST)
            return _back(request, pk, _("Noted, with your name and the time."), "#observed")
    except Incomplete as lacking:
        anchor = "#proposed" if word == "take_over" else came_from(request)
        return _close(request, operation, _as_chosen(request, operation), [(anchor, str(lacking))])
    return _reopen(request, operation)


def _reopen(request: HttpRequest, operation: Operation) -> HttpResponse:
    try:
        running.reopen_run(operation, evidence=request.POST.get("evidence", ""), by=person_of(request))
    except Incomplete:
        said = [("#evidence", _("Say which evidence is missing"))]
        return _close(request, operation, _as_chosen(request, operation), said)
    messages.success(request, _("The run is open again; the team was told what is missing."))
    return HttpResponseRedirect(reverse("run", args=[operation.pk]), status=SEE_OTHER)


def _back(request: HttpRequest, pk: int, words: str, place: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(reverse("close", args=[pk]) + place, status=SEE_OTHER)


def _outcome_form(operation: Operation, data: Any = None) -> OutcomeForm:
    return OutcomeForm(operation, data, review=answer_now(operation, "review"))


def _as_chosen(request: HttpRequest, operation: Operation) -> OutcomeForm:
    """The form with what was chosen before in this session: what is still missing is filled in on other pages."""
    form = _outcome_form(operation)
    form.initial |= request.session.get(f"{CHOSEN}{operation.pk}", {})
    return form


def _close(request: HttpRequest, operation: Operation, form: OutcomeForm, problems: Problems) -> HttpResponse:
    person = person_of(request)
    context = {**head(operation, person, _("Close")), **close_context(operation, person), "form": form}
    context |= {"problems": problems, "evidence": request.POST.get("evidence", "")}
    put_back(context["observed"], request.POST)
    context |= {"take_all": request.GET.get("take") == "all", "take_one": request.GET.get("take") == "one"}
    return render(request, "approvals/close.html", context, status=400 if problems else 200)


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """The final text as it would be signed; POST: the operator's signature over exactly that text."""
    person = person_of(request)
    operation = operation_for(person, pk)
    may(person, operation, Act.SIGN_AS_OPERATOR).insist()
    check_state(operation, Act.SIGN_AS_OPERATOR)
    if operation.final_text_id:
        return HttpResponseRedirect(reverse("close", args=[pk]), status=SEE_OTHER)
    posted = request.POST if request.method == "POST" else request.GET
    chosen = _outcome_form(operation, posted)
    if not chosen.is_valid():
        return _not_yet(request, operation, chosen, problems_of(chosen))
    form = SignForm(request.POST if request.method == "POST" else None)
    changed: str | None = ""
    try:
        if form.is_bound and form.is_valid():
            changed = _signed(request, operation, chosen, form)
        if changed is None:
            messages.success(request, _("Signed. The record waits for its sign-off by another person."))
            return HttpResponseRedirect(reverse("close", args=[pk]), status=SEE_OTHER)
        return _signing(request, operation, chosen, form, changed)
    except Incomplete as lacking:
        return _not_yet(request, operation, chosen, _lacking(operation, lacking))


def _not_yet(request: HttpRequest, operation: Operation, chosen: OutcomeForm, problems: Problems) -> HttpResponse:
    """What is missing; what was chosen is remembered until one comes back from where that is filled in."""
    _remember(request, operation, chosen.data)
    return _close(request, operation, chosen, problems)


def _remember(request: HttpRequest, operation: Operation, posted: Mapping[str, str]) -> None:
    told = {name: posted[name][:LONGEST] for name in OutcomeForm.base_fields if name in posted}
    if told:
        request.session[f"{CHOSEN}{operation.pk}"] = told


def _signed(request: HttpRequest, operation: Operation, chosen: OutcomeForm, form: SignForm) -> str | None:
    """None when it was signed; else why not: an error of the form, or words about a text that changed."""
    data = form.cleaned_data
    outcome, words = chosen.outcome_said()
    try:
        actions.sign_as_operator(
            operation,
            outcome=outcome,
            words=words,
            completed_at=chosen.cleaned_data["completed"],
            review_on=chosen.cleaned_data.get("review"),
            password=data["password"],
            digest=data["digest"],
            by=person_of(request),
        )
    except NotSigned as refusal:
        form.add_error("password", str(refusal))
        return ""
    except Changed as refusal:
        return str(refusal)
    return None


def _signing(
    request: HttpRequest, operation: Operation, chosen: OutcomeForm, form: SignForm, changed: str
) -> HttpResponse:
    person = person_of(request)
    said, completed = chosen.cleaned_data["outcome"], chosen.cleaned_data["completed"]
    review = chosen.cleaned_data.get("review")
    outcome, words = chosen.outcome_said()
    final = final_text_shown(operation, outcome=outcome, words=words, completed_at=completed, review_on=review)
    problems = [("", changed)] if changed else []
    status = 409 if changed else 400 if form.errors else 200
    context = {
        **head(operation, person, _("Sign")),
        **text_shown(operation, final.text, final.digest),
        "form": form,
        "problems": problems,
    }
    context |= {"outcome": said, "outcome_words": dict(chosen.fields["outcome"].choices)[said]}  # type: ignore[attr-defined]
    context |= {"beyond": beyond(operation), "review": review, "focus_field": ask_again(form)}
    context |= {"completed": completed, "completed_field": completed.strftime("%Y-%m-%d %H:%M:%S")}
    return render(request, "approvals/sign.html", context, status=status)


def _lacking(operation: Operation, lacking: Incomplete) -> Problems:
    """What is missing, each with the way to it."""
    found = []
    for one in lacking.missing:
        if isinstance(one, Missing):
            place = address("section", operation.pk, one.section)
            found.append((f"{place}?still#{anchor_of(one.key)}" if place else "", one.label))
        elif isinstance(one, Check | RecoveryValidation):
            found.append(("#observed", _("Still observed: %(check)s") % {"check": one}))
        else:
            found.append(("#id_outcome", str(one)))
    return found


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def sign_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan against actual and the final text; POST: another person signs it off, and the record is finalized."""
    person = person_of(request)
    operation = operation_for(person, pk)
    if operation.state not in (State.CLOSING, State.FINALIZED):
        check_state(operation, Act.SIGN_OFF)
    if operation.final_text is None:
        raise WrongOrder(_("The operator has to sign first: there is no final text yet."))
    if request.method != "POST":
        return _sign_off(request, operation, SignOffForm(operation), "")
    form, changed = SignOffForm(operation, request.POST), ""
    if form.is_valid():
        try:
            actions.sign_off(operation, by=person, **form.cleaned_data)
        except NotSigned as refusal:
            form.add_error("password", str(refusal))
        except Incomplete as lacking:
            form.add_error("note", str(lacking))
        except Changed as refusal:
            changed = str(refusal)
            operation = operation_for(person, pk)
        else:
            messages.success(request, _("Signed off. The record is finalized; its Markdown is ready to leave."))
            return HttpResponseRedirect(reverse("record", args=[pk]), status=SEE_OTHER)
    return _sign_off(request, operation, form, changed)


def _sign_off(request: HttpRequest, operation: Operation, form: SignOffForm, changed: str) -> HttpResponse:
    person = person_of(request)
    assert operation.final_text is not None
    context: dict[str, Any] = {**head(operation, person, _("Sign off")), **sign_off_context(operation, person)}
    final = operation.final_text
    context |= {**text_shown(operation, bytes(final.text), final.digest), "form": form, "focus_field": ask_again(form)}
    context["unfold"] = True
    context["problems"] = [("", changed)] if changed else []
    context["is_open"] = operation.state == State.CLOSING
    return render(request, "approvals/sign_off.html", context, status=409 if changed else 400 if form.errors else 200)
