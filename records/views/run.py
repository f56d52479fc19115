"""The pages of the operation itself: the run, and the way back."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from records.life_cycle import Act
from records.models import Operation, State
from records.refusals import Incomplete, Unusable, WrongOrder
from records.rights import Right, may, operation_for
from records.run.loaded import Run, load_run, version_of
from records.run.logbook import BEGUN
from records.run.pressing import once
from records.signed_in import person_of
from records.views.carried import carries_along, fields_of, typed_in
from records.views.rollback_page import rollback_page
from records.views.run_acts import act
from records.views.run_finish import finishing
from records.views.run_go import go
from records.views.run_late import act_or_note
from records.views.run_page import page
from records.views.run_rows import put_back

SEE_OTHER, CONFLICT = 303, 409
BEFORE = (State.DRAFT, State.CHANGES_REQUESTED, State.IN_REVIEW, State.REJECTED, State.CANCELLED, State.IMPORTED)
# Forms of their own, which show their texts again; where they are gone, the text stands with the refusal.
NOT_NOTES = (
    "finish_work",
    "call_off",
    "ask_for_start",
    "allow_start",
    "confirm",
    "stop_at_phase_end",
    "hand_over",
    "roll_back",
)
# The field of a step in which the words of an act are written, before its number.
WORDS_OF = {"skip": "skip", "problem": "problem", "solved": "solved"}
# What waits in the field of a note, in the order in which it is read.
TYPED = ("title", "note", "problem", "reason", "commands")
# What one form can post; shown again when an act says no.
TEXTS = (
    "note",
    "problem",
    "reason",
    "evidence",
    "until",
    "time",
    "started",
    "ended",
    "key",
    "at",
    "do",
    "trigger",
    "other",
    "sentence",
    "title",
    "commands",
    "words",
    "day",
    "output",
)


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """The run page; a POST is one button on it, and comes back to where it was pressed."""
    operation = operation_for(person_of(request), pk)
    if request.method == "POST":
        return _pressed(request, operation, "run")
    if _is_unchanged(request, operation):
        return HttpResponse(status=204)
    return _show(request, _loaded(operation), {})


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def rollback(request: HttpRequest, pk: int) -> HttpResponse:
    """Which trigger and one sentence; then the procedures as steps. A GET starts nothing."""
    operation = operation_for(person_of(request), pk)
    if request.method == "POST":
        return _pressed(request, operation, "rollback")
    if _is_unchanged(request, operation):
        return HttpResponse(status=204)
    return _show_rollback(request, _loaded(operation), {})


def _is_unchanged(request: HttpRequest, operation: Operation) -> bool:
    """A watcher asks every few seconds; the answer is mostly "nothing new"."""
    since = request.GET.get("since", "")
    return bool(since) and since == version_of(operation, timezone.now())


def _loaded(operation: Operation) -> Run:
    found = load_run(operation) if operation.state not in BEFORE else None
    if found is None:
        words = _("There is nothing to run: this record is “%(state)s”. It opens once it is approved.")
        raise WrongOrder(words % {"state": State(operation.state).label.lower()})
    return found


def _pressed(request: HttpRequest, operation: Operation, name: str) -> HttpResponse:
    word = request.POST.get("do", "")
    try:
        _count(request, operation)
    except (Incomplete, WrongOrder, Unusable) as error:
        return again(request, operation, name, error)
    return HttpResponseRedirect(_way_on(request, operation, name, word), status=SEE_OTHER)


def _count(request: HttpRequest, operation: Operation) -> None:
    """Do what was pressed; what a device sends again, under the same key, counts once.

    What waited there is of whoever pressed it: nobody else who signed in meanwhile sends it under their name.
    """
    person, posted = person_of(request), request.POST
    if posted.get("pressed_by", str(person.pk)) != str(person.pk):
        Right(_("Somebody else pressed this, on a device on which you are signed in now.")).insist()
    if key := posted.get("press", ""):
        told: list[str] = []
        fields = fields_of(request)
        once(
            operation,
            key=key,
            by=person,
            fields=fields,
            act=lambda: told.append(act_or_note(operation, person, posted)),
        )
        for words in filter(None, told):
            messages.info(request, words)
    else:
        act(operation, person, posted)


def _way_on(request: HttpRequest, operation: Operation, name: str, word: str) -> str:
    operation.refresh_from_db(fields=["state"])
    if word == "problem:back" or word == "roll_back":
        return reverse("rollback", args=[operation.pk])
    if word == "finish_work" and operation.state == State.CLOSING:
        messages.success(request, _("The work is finished. What is left is the closing."))
        return reverse("close", args=[operation.pk])
    if word == "measure:close" and operation.state == State.CLOSING:
        return reverse("close", args=[operation.pk])
    if word == "ask_for_start":
        messages.success(request, _("Asked. You get a mail when the start is allowed; it stands here too."))
    if word == "start":
        messages.success(request, _("The run has started. Those concerned are told by mail."))
        return reverse("run", args=[operation.pk])
    return reverse(name, args=[operation.pk]) + came_from(request)


def came_from(request: HttpRequest) -> str:
    """The place on the page where a button was pressed, as the end of an address."""
    anchor = request.POST.get("at", "")
    return f"#{anchor}" if re.fullmatch(r"[\w.-]{1,40}", anchor) else ""


def _asked_at(request: HttpRequest, word: str, error: Exception) -> str:
    """Where what is missing is written: the field of a step that lacks its words, else where the button was."""
    came, field = came_from(request), WORDS_OF.get(word)
    if word == "hand_over" and isinstance(error, Incomplete):
        return "#hand-words"
    if field and isinstance(error, Incomplete) and came.startswith("#step-"):
        return came.replace("#step-", f"#{field}-", 1)
    return came


def again(request: HttpRequest, operation: Operation, name: str, error: Exception) -> HttpResponse:
    """The same page with what was posted, and what is wrong with it."""
    operation.refresh_from_db()
    posted = {key: request.POST[key] for key in request.POST if key in TEXTS or ":" in key}
    posted["do"] = posted.get("do", "").partition(":")[0]
    problems = [(_asked_at(request, posted["do"], error), str(error))]
    status = CONFLICT if isinstance(error, WrongOrder) else 400
    show = _show_rollback if name == "rollback" else _show
    return show(request, _loaded(operation), posted, problems=problems, status=status)


def _unheard(request: HttpRequest, posted: dict[str, Any], status: int) -> list[list[str]]:
    """What was typed in a form that may be gone, since the record has moved on."""
    return typed_in(fields_of(request)) if status == CONFLICT and posted.get("do") in NOT_NOTES else []


def _show(
    request: HttpRequest, run: Run, posted: dict[str, Any], *, problems: list[Any] | None = None, status: int = 200
) -> HttpResponse:
    operation = run.operation
    context = page(run, person_of(request), posted)
    _put_back(context, posted)
    if operation.state == State.APPROVED:
        context["go"] = go(run, person_of(request), posted)
    if operation.state == State.RUNNING:
        if may(person_of(request), operation, Act.FINISH_WORK):
            context["finish"] = finishing(run, posted, problems)
        context["call_off_reason"] = posted.get("reason", "") if posted.get("do") == "call_off" else ""
        may_call_off = may(person_of(request), operation, Act.CALL_OFF) and not operation.emergency
        context["may_call_off"] = may_call_off and not _is_begun(run)
    more = {
        "problems": problems,
        "typed": _unheard(request, posted, status),
        "posted": {},
        "watched": context["under_way"],
    }
    return render(request, "records/run.html", context | more, status=status)


def _is_begun(run: Run) -> bool:
    return any(entry.kind in BEGUN for entry in run.log)


def _show_rollback(
    request: HttpRequest, run: Run, posted: dict[str, Any], *, problems: list[Any] | None = None, status: int = 200
) -> HttpResponse:
    context = rollback_page(run, person_of(request), posted)
    _put_back(context, posted)
    if run.operation.state == State.ROLLING_BACK and may(person_of(request), run.operation, Act.FINISH_WORK):
        context["finish"] = finishing(run, posted, problems)
    more = {
        "problems": problems,
        "typed": _unheard(request, posted, status),
        "posted": posted,
        "watched": context["rolling"],
    }
    return render(request, "records/rollback.html", context | more, status=status)


def _put_back(context: dict[str, Any], posted: dict[str, Any]) -> None:
    """Each form that was posted shows its text again; where its form is gone, the text waits in the log's."""
    if not posted:
        return
    key, shown = posted.get("key", ""), False
    steps = [step for phase in context.get("phases", ()) for step in phase.steps] + list(context.get("procedures", ()))
    for row in [*steps, *context.get("triggers", ())]:
        if row.key == key:
            row.posted, shown = posted, bool(getattr(row, "is_open", True))
    lists = [*context.get("first_checks", ()), *context.get("checks", ())]
    lists += [own for phase in context.get("phases", ()) for own in phase.checks]
    checks = [check for own in lists for check in own.rows]
    shown = put_back([*checks, *context.get("validations", ())], posted) or shown
    if posted.get("do") == "add_step":
        context["added"], shown = posted, bool(context.get("can_work"))
    if posted.get("output") and not shown:
        context["attached"], shown = posted, True
    if not shown and posted.get("do") not in NOT_NOTES:
        context["posted_note"] = "; ".join(posted[name] for name in TYPED if posted.get(name))
