"""Comments on a plan: written, sent, answered, settled. Every form of theirs works without a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
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
from approvals.views.back import back, signed_in
from records.models import Operation, Person
from records.refusals import Refused, Unusable, WrongOrder
from records.rights import operation_for
from records.signed_in import person_of

DELETED = "deleted_comment"


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def comments(request: HttpRequest, pk: int) -> HttpResponse:
    """Every comment on the record. POST: a new one, which waits; or all that one has written is sent."""
    person = person_of(request)
    operation = operation_for(person, pk)
    if request.method != "POST":
        reading = _reading(operation, person, request.GET.get("base", ""))
        return _page(request, reading, "comments", asked(reading, request.GET), deleted=_deleted(request, pk))
    if request.POST.get("do") == "send":
        number = len(actions.send_comments(operation, by=person))
        messages.success(request, ngettext("%s comment was sent.", "%s comments were sent.", number) % number)
        return back(request, pk)
    key, text, kind = (request.POST.get(name, "") for name in ("key", "text", "kind"))
    kind = kind if kind in CommentKind.values else CommentKind.REMARK
    try:
        written = actions.comment(operation, key=key, text=text, kind=kind, by=person)
    except (Unusable, Refused, WrongOrder) as refusal:
        reading = _reading(operation, person, request.POST.get("base", ""))
        writing = new(reading, key, text, kind, str(refusal))
        return _again(request, reading, writing, refusal)
    return back(request, pk, f"t-{written.pk}")


@signed_in
@require_POST
def comment(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One comment: put in other words, dropped, answered, settled, opened again."""
    person = person_of(request)
    operation = operation_for(person, pk)
    do = request.POST.get("do", "")
    if do not in _ACTS:
        raise WrongOrder(_("This page was made for an older version of the site. Load it again."))
    try:
        _ACTS[do](request, operation, number)
    except Unusable as refusal:
        reading = _reading(operation, person, request.POST.get("base", ""))
        own = next((one.first for one in reading.threads if one.first.pk == number), None)
        writing = replace(about(own, do), error=str(refusal), text=_text(request)) if own else None
        return _again(request, reading, writing, refusal)
    return redirect("comments", pk=pk) if do == "delete" else back(request, pk, f"t-{number}")


def _change(request: HttpRequest, operation: Operation, number: int) -> Comment:
    kind = request.POST.get("kind", "")
    kind = kind if kind in CommentKind.values else CommentKind.REMARK
    return actions.change_comment(operation, number=number, text=_text(request), kind=kind, by=person_of(request))


def _delete(request: HttpRequest, operation: Operation, number: int) -> Comment:
    """Its words are kept for the page that follows, which offers them back."""
    own = actions.delete_comment(operation, number=number, by=person_of(request))
    told = {"key": own.key, "label": own.label, "kind": own.kind, "text": own.text}
    request.session[DELETED] = {"operation": operation.pk, **told}
    return own


_ACTS: dict[str, Callable[[HttpRequest, Operation, int], object]] = {
    "change": _change,
    "delete": _delete,
    "answer": lambda request, operation, number: actions.answer(
        operation, number=number, text=_text(request), by=person_of(request)
    ),
    "settle": lambda request, operation, number: actions.settle(operation, number=number, by=person_of(request)),
    "reopen": lambda request, operation, number: actions.reopen(operation, number=number, by=person_of(request)),
}


def _again(request: HttpRequest, reading: Talk, writing: Writing | None, refusal: Exception) -> HttpResponse:
    """The page once more, with what was typed and why it was not taken."""
    status = 403 if isinstance(refusal, Refused) else 409 if isinstance(refusal, WrongOrder) else 400
    at_home = writing is not None and writing.section and not writing.number
    view = request.POST.get("view", "") if at_home else "comments"
    return _page(request, reading, view if view in ("changes", "whole") else "comments", writing, status)


def _deleted(request: HttpRequest, pk: int) -> Mapping[str, str] | None:
    """The comment on this record that was deleted just now: offered back once."""
    told = request.session.get(DELETED)
    if not told or told["operation"] != pk:
        return None
    del request.session[DELETED]
    return dict(told)


def _page(
    request: HttpRequest,
    reading: Talk,
    view: str,
    writing: Writing | None,
    status: int = 200,
    deleted: Mapping[str, str] | None = None,
) -> HttpResponse:
    if isinstance(reading, DraftReading):
        page, context = "approvals/comments.html", draft_context(reading, writing)
    else:
        page, context = "approvals/review.html", review_context(reading, view, DecisionForm(), writing)
    return render(request, page, {**context, "deleted": deleted}, status=status)


def _reading(operation: Operation, person: Person, base: str) -> Talk:
    return read(operation, person, base) if operation.submitted_at else read_draft(operation, person)


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "")
