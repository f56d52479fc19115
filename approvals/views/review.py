"""The review page: a plan as it was frozen, what changed since, and the decision on exactly these bytes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from approvals import actions
from approvals.comment_forms import asked
from approvals.forms import Choice, DecisionForm
from approvals.reading import read
from approvals.review_page import review_context
from approvals.signing import NotSigned
from approvals.views.back import back, signed_in
from records.models import Operation, Person
from records.numbers import number_in
from records.refusals import Changed, Incomplete, Refused, WrongOrder
from records.rights import operation_for
from records.signed_in import person_of


@login_required
@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest revision, in the view that the address asks for; else what is new to this reader."""
    person = person_of(request)
    operation = operation_for(person, pk)
    reading = read(operation, person, request.GET.get("base", ""))
    view = request.GET.get("view", "")
    context = review_context(reading, view, DecisionForm(), asked(reading, request.GET))
    return render(request, "approvals/review.html", context)


@signed_in
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, ask for changes, reject. What can't be done is told on the page itself, with the reason still in it."""
    person = person_of(request)
    operation = operation_for(person, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _again(request, pk, form, 400)
    try:
        words = _decided(operation, form.cleaned_data, person)
    except NotSigned as refusal:
        form.add_error("password", str(refusal))
        return _again(request, pk, form, 400)
    except Incomplete as lacking:
        if form.cleaned_data["decision"] == Choice.APPROVE:
            form.add_error("invisible_seen", _("Tick this to approve a plan that holds characters which nobody sees"))
        else:
            form.add_error("reason", str(lacking))
        return _again(request, pk, form, 400)
    except Changed as refusal:
        return _again(request, pk, form, 409, str(refusal))
    except WrongOrder as refusal:
        return _again(request, pk, form, 409, str(refusal))
    except Refused as refusal:
        return _again(request, pk, form, 403, str(refusal))
    messages.success(request, words)
    return redirect("review", pk=pk)


def _decided(operation: Operation, data: dict[str, Any], by: Person) -> str:
    digest, reason = data["digest"], data["reason"]
    if data["decision"] == Choice.APPROVE:
        own = {"password": data["password"], "invisible_seen": data["invisible_seen"]}
        standing = actions.approve(operation, digest=digest, note=reason, by=by, **own)
        return _("You approved this revision. %(standing)s.") % {"standing": standing.words}
    if data["decision"] == Choice.ASK:
        actions.ask_for_changes(operation, digest=digest, reason=reason, by=by)
        return _("You asked for changes. The author has been told.")
    actions.reject(operation, digest=digest, reason=reason, by=by)
    return _("You rejected this record. The author has been told.")


def _again(request: HttpRequest, pk: int, form: DecisionForm, status: int, refusal: str = "") -> HttpResponse:
    """The page once more, with what was posted. If other bytes were seen, with the difference to them."""
    person = person_of(request)
    operation = operation_for(person, pk)
    posted = request.POST.get("digest", "")
    seen = operation.revisions.filter(digest=posted) if posted.isalnum() and posted.isascii() else ()
    base = next((str(revision.number) for revision in seen), "")
    # What was seen is still the newest: the page comes back in the view that it was decided on.
    newest = seen and operation.revisions.order_by("-number").values_list("digest", flat=True).first() == posted
    reading = read(operation, person, request.GET.get("base", "") if newest else base)
    is_new = not newest and reading.base is not None and reading.base.name == base
    context = review_context(reading, "changes" if is_new else request.GET.get("view", ""), form)
    context |= {"refusal": refusal, "kept": request.POST.get("reason", ""), "is_new": is_new}
    if is_new:
        # Nothing that was chosen for other bytes is chosen for these.
        context["chosen"] = ""
    return render(request, "approvals/review.html", context, status=status)


@signed_in
@require_POST
def viewed(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a section as viewed, or not; then on to the next one that isn't."""
    person = person_of(request)
    operation = operation_for(person, pk)
    number, section = request.POST.get("revision", ""), request.POST.get("section", "")
    revision = number_in(number, digits=9) or 0
    is_viewed = request.POST.get("viewed") == "yes"
    actions.mark_viewed(operation, revision=revision, section=section, viewed=is_viewed, by=person)
    return back(request, pk, f"s-{_onward(request, operation, section) if is_viewed else section}")


def _onward(request: HttpRequest, operation: Operation, section: str) -> str:
    """The section to read after ``section`` in the posted view; itself where none is left."""
    person = person_of(request)
    reading = read(operation, person, request.POST.get("base", ""))
    is_whole = request.POST.get("view") == "whole"
    keys = [own.key for own in reading.frozen.document.sections] if is_whole else reading.to_read
    at = keys.index(section) if section in keys else 0
    return next((key for key in [*keys[at + 1 :], *keys[:at]] if key not in reading.viewed), section)


@login_required
@require_safe
def revision_text(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The stored bytes of a revision, as a file."""
    person = person_of(request)
    operation = operation_for(person, pk)
    revision = operation.revisions.filter(number=number).first()
    if revision is None:
        raise Http404
    name = f"PLAN-{operation.reference}-revision-{number}.md"
    return HttpResponse(
        bytes(revision.plan_text),
        content_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{_safe(name)}"'},
    )


def _safe(name: str) -> str:
    """A file name that holds nothing but letters, digits, dots and hyphens."""
    return "".join(char if char.isascii() and (char.isalnum() or char in ".-") else "-" for char in name)
