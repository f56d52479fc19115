"""The first thing on home: the one record to go on with, why it is first, and what to press."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from approvals.models import Decision
from approvals.views.home_lines import Awaited, Line, Lines, asked_words
from approvals.waiting import Own, ToDecide, was_sent_late
from records.models import Operation, Person
from records.run.handing_over import last_handover
from records.run.starting import is_too_late

SOON = dt.timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Next:
    """The one thing to do first: the record, why it is first, and the button."""

    line: Line
    why: str
    verb: str
    url: str


def next_of(
    own: Own,
    deciding: Sequence[ToDecide],
    signing: Sequence[Operation],
    waits: Sequence[Awaited],
    asked: dict[int, Decision],
    lines: Lines,
    person: Person,
) -> Next | None:
    """What one runs oneself, a run that waits for one's word; then what is late: a window that has begun, a decision,
    results; then a sign-off, a decision due within a day, changes asked for, a window within a day, what to close, any
    decision, a run that one could take over, a draft.

    What others run comes last: there is nothing in it that waits for this person.
    """
    now = lines.now
    asking = [one.operation for one in waits]
    runs, watches = _by_operator(own.under_way, person)
    stands_by = [one for one in watches if one.operator_id == person.pk or one.deputises]  # type: ignore[attr-defined]
    approved, __ = _by_operator(own.approved, person)
    closes, __ = _by_operator(own.closing, person)
    late_closes, __ = _by_operator(own.late_closing, person)
    soon = [one for one in approved if one.window_start and one.window_start - now < SOON]
    begun = [one for one in soon if one.window_start and one.window_start <= now]
    late = [one.operation for one in deciding if one.is_late(now)]
    hurried = [one.operation for one in deciding if one.decide_by and one.decide_by - now < SOON]
    hurry = _("Your decision is wanted soon.")
    if hurried and was_sent_late(hurried[0]):
        hurry = _("It was sent after the time a decision was wanted.")
    overdue = _("The work is over for more than a day: results and your signature are late.")
    results = _("The work is finished: results and your signature are due.")
    candidates: list[tuple[Sequence[Operation], str, str, str]] = [
        (runs, _run_words(runs[0], person) if runs else "", _("Go to the run page"), "run"),
        (asking, waits[0].words if waits else "", waits[0].verb if waits else "", "run"),
        (begun, _window_words(begun[0], now) if begun else "", _("Go to the run page"), "run"),
        (late, _("Your decision is late."), _("Review it"), "review"),
        (late_closes, overdue, _("Close the record"), "close"),
        (signing, _("Who ran it has signed; it waits for another person."), _("Look at it and sign off"), "sign_off"),
        (hurried, hurry, _("Review it"), "review"),
        (own.asked, _("Changes were asked for."), _("See what to change"), "record"),
        (soon, _window_words(soon[0], now) if soon else "", _("Go to the run page"), "run"),
        (closes, results, _("Close the record"), "close"),
        ([one.operation for one in deciding], _("It waits for your decision."), _("Review it"), "review"),
        (stands_by, _stand_by_words(stands_by[0]) if stands_by else "", _("Go to the run page"), "run"),
        (own.drafts, _("You were writing this."), _("Go on writing"), "record"),
        (watches, _("It is under way."), _("Go to the run page"), "run"),
    ]
    for operations, why, verb, page in candidates:
        if operations:
            first = operations[0]
            line = next((lines.to_decide(one) for one in deciding if one.operation == first), None)
            line = line or lines.line(first, page=page)
            return Next(line, asked_words(asked.get(first.pk)) or why, verb, line.url)
    return None


def _by_operator(operations: Sequence[Operation], person: Person) -> tuple[list[Operation], list[Operation]]:
    """Those that ``person`` runs, and those that somebody else does: whoever took over, else the operator; where nobody
    is named, the author.
    """
    own = [one for one in operations if (one.in_charge_id or one.operator_id or one.author_id) == person.pk]
    return own, [one for one in operations if one not in own]


def _stand_by_words(operation: Operation) -> str:
    """Why a run of somebody else's is shown to its operator and deputies before their drafts."""
    if operation.runs_it is None:
        return _("It is under way.")
    return _("It is under way. %(name)s is in charge; you can take over.") % {"name": operation.runs_it}


def _run_words(operation: Operation, person: Person) -> str:
    """Why a run is first: of one that was handed over, with what its new one in charge has to know."""
    handover = last_handover(operation) if operation.in_charge_id else None
    if handover is None or handover.by == person.pk:
        return _("It is under way, and you are in charge.")
    return _("You are in charge; %(name)s says: “%(words)s”") % {"name": handover.by_name, "words": handover.words}


def _window_words(operation: Operation, now: dt.datetime) -> str:
    """Why an approved record is first."""
    if is_too_late(operation, now):
        return _("It is too late to start it in its window.")
    if operation.window_start and operation.window_start <= now:
        return _("Its window has begun.")
    return _("Its window is close.")
