"""Comments on a plan: written, sent, answered, settled. Every form of theirs works without a script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from approvals import actions
from approvals.comment_forms import Talk, Writing, about, asked, new
from approvals.draft_talk import DraftReading, read_draft
from approvals.forms import DecisionForm
from approvals.models import Comment, CommentKind
from approvals.reading import read
from approvals.review_page import draft_context, review_context
from approvals.views.back import back
from records.models import Operation, Person
from records.refusals import Refused, WrongOrder
from records.rights import operation_for


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def comments(request: HttpRequest, pk: int) -> HttpResponse:
    """Every comment on the record. POST: a new one, which waits; or all that one has written is sent."""
    person = _person(request)
    operation = operation_for(person, pk)
    if request.method != "POST":
        reading = _reading(operation, person, request.GET.get("base", ""))
        return _page(request, reading, "comments", asked(reading, request.GET))
    if request.POST.get("do") == "send":
        number = len(actions.send_comments(operation, by=person))
        messages.success(request, ngettext("%s comment was sent.", "%s comments were sent.", number) % number)
        return back(request, pk)
    key, text, kind = (request.POST.get(name, "") for name in ("key", "text", "kind"))
    kind = kind if kind in CommentKind.values else CommentKind.REMARK
    try:
        written = actions.comment(operation, key=key, text=text, kind=kind, by=person)
    except (ValueError, Refused, WrongOrder) as refusal:
        reading = _reading(operation, person, request.POST.get("base", ""))
        writing = new(reading, key, text, kind, str(refusal))
        return _again(request, reading, writing, refusal)
    return back(request, pk, f"t-{written.pk}")


@login_required
@require_POST
def comment(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One comment: put in other words, dropped, answered, settled, opened again."""
    person = _person(request)
    operation = operation_for(person, pk)
    do = request.POST.get("do", "")
    if do not in _ACTS:
        raise WrongOrder(_("This page was made for an older version of the site. Load it again."))
    try:
        _ACTS[do](request, operation, number)
    except ValueError as refusal:
        reading = _reading(operation, person, request.POST.get("base", ""))
        own = next((one.first for one in reading.threads if one.first.pk == number), None)
        writing = replace(about(own, do), error=str(refusal), text=_text(request)) if own else None
        return _again(request, reading, writing, refusal)
    return back(request, pk, "" if do == "delete" else f"t-{number}")


def _change(request: HttpRequest, operation: Operation, number: int) -> Comment:
    kind = request.POST.get("kind", "")
    kind = kind if kind in CommentKind.values else CommentKind.REMARK
    return actions.change_comment(operation, number=number, text=_text(request), kind=kind, by=_person(request))


_ACTS: dict[str, Callable[[HttpRequest, Operation, int], object]] = {
    "change": _change,
    "delete": lambda request, operation, number: actions.delete_comment(operation, number=number, by=_person(request)),
    "answer": lambda request, operation, number: actions.answer(
        operation, number=number, text=_text(request), by=_person(request)
    ),
    "settle": lambda request, operation, number: actions.settle(operation, number=number, by=_person(request)),
    "reopen": lambda request, operation, number: actions.reopen(operation, number=number, by=_person(request)),
}


def _again(request: HttpRequest, reading: Talk, writing: Writing | None, refusal: Exception) -> HttpResponse:
    """The page once more, with what was typed and why it was not taken."""
    status = 403 if isinstance(refusal, Refused) else 409 if isinstance(refusal, WrongOrder) else 400
    at_home = writing is not None and writing.section and not writing.number
    view = request.POST.get("view", "") if at_home else "comments"
    return _page(request, reading, view if view in ("changes", "whole") else "comments", writing, status)


def _page(request: HttpRequest, reading: Talk, view: str, writing: Writing | None, status: int = 200) -> HttpResponse:
    if isinstance(reading, DraftReading):
        return render(request, "approvals/comments.html", draft_context(reading, writing), status=status)
    context = review_context(reading, view, DecisionForm(), writing)
    return render(request, "approvals/review.html", context, status=status)


def _reading(operation: Operation, person: Person, base: str) -> Talk:
    return read(operation, person, base) if operation.submitted_at else read_draft(operation, person)


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "")


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user
