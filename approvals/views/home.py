"""Home: what waits for the person, by what they may do. One page for operators and supervisors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from approvals.comments_waiting import waiting_comments
from approvals.models import Decision
from approvals.publishing import offered_to
from approvals.waiting import (
    Own,
    ToDecide,
    addenda_to_sign_off,
    asked_for,
    now_and_soon,
    own_records,
    to_decide,
    to_sign_off,
    was_sent_late,
)
from records.models import LogEntry, Operation, Person, Section, Step
from records.outbox import moment
from records.rights import is_supervisor
from records.run.handing_over import last_handover
from records.run.start_asked import starts_asked_of
from records.run.starting import is_too_late
from records.run.stopping import Stop, windows_to_confirm
from records.run.witnessing import to_witness
from records.signed_in import person_of
from records.views.addresses import address
from records.views.record_list import levels_of_templates
from records.writing.counts import Count, counted

SHOWN = 5
SOON = dt.timedelta(hours=24)
NOTHING = Count()


@dataclass(frozen=True, slots=True)
class Line:
    """A record in a block of the page: where it leads, what is said of it, how far it is from its review."""

    operation: Operation
    url: str
    risk_total: int
    words: str = ""
    by: dt.datetime | None = None
    is_late: bool = False
    sent_late: bool = False
    count: Count = NOTHING


@dataclass(frozen=True, slots=True)
class Next:
    """The one thing to do first: the record, why it is first, and the button."""

    line: Line
    why: str
    verb: str
    url: str


@dataclass(frozen=True, slots=True)
class Block:
    """A list on the page; ``more`` counts what doesn't fit, ``more_url`` shows it."""

    title: str
    lines: Sequence[Line]
    kind: str = ""
    more: int = 0
    more_url: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run waits for this person to say: the block it stands in, why, and the button."""

    operation: Operation
    title: str
    words: str
    verb: str


class _Lines:
    """Makes lines; knows the risk levels of each template, the progress of each draft, and when it is."""

    def __init__(self, progress: dict[int, Count], now: dt.datetime) -> None:
        self.levels, self.progress, self.now = levels_of_templates(), progress, now

    def line(self, operation: Operation, words: str = "", page: str = "record") -> Line:
        url = address(page, operation.pk)
        total = len(self.levels.get(operation.template_id or 0, ()))
        return Line(operation, url, total, words, count=self.progress.get(operation.pk, NOTHING))

    def to_decide(self, one: ToDecide) -> Line:
        line = self.line(one.operation, one.unseen, "review")
        return replace(line, by=one.decide_by, is_late=one.is_late(self.now), sent_late=was_sent_late(one.operation))


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The single most urgent thing, then what waits, by kind."""
    person = person_of(request)
    now = timezone.now()
    own, deciding, signing = own_records(person, at=now), to_decide(person, at=now), to_sign_off(person)
    asked = asked_for(own.asked)
    lines = _Lines(_progress([*own.drafts, *own.asked]), now)
    running, coming = now_and_soon(person, at=now)
    waits = _asked_of(person, running, now)
    first = _next(own, deciding, signing, waits, asked, lines, person)
    on_top = [first.line.operation] if first else []
    context = {
        "here": "home",
        "next": first,
        "blocks": _blocks(own, deciding, signing, addenda_to_sign_off(person), waits, asked, lines, on_top),
        "finalized": [lines.line(one) for one in own.finalized[:SHOWN]],
        "finalized_url": f"{address('record_list')}?state=finalized&mine=on",
        "running": [lines.line(one, page="run") for one in running if one not in on_top],
        "only_on_top": bool(running) and all(one in on_top for one in running),
        "coming": [lines.line(one) for one in coming],
        "templates": offered_to(person),
        "comments": waiting_comments(person)[:SHOWN],
        "decides": is_supervisor(person) or bool(deciding),
        "new_url": address("record_new"),
        "list_url": address("record_list"),
        "decisions_url": address("decisions"),
    }
    return render(request, "approvals/home.html", context)


def _progress(drafts: Iterable[Operation]) -> dict[int, Count]:
    """How many fields of each draft its review asks for, and how many are answered. One query."""
    found: dict[int, list[dict[str, object]]] = {one.pk: [] for one in drafts}
    for pk, progress in Section.objects.filter(operation__in=list(found)).values_list("operation_id", "progress"):
        found[pk].append(progress)
    return {pk: counted(sections, "plan") for pk, sections in found.items()}


# ---------------------------------------------------------------- the first thing


def _next(
    own: Own,
    deciding: Sequence[ToDecide],
    signing: Sequence[Operation],
    waits: Sequence[Asked],
    asked: dict[int, Decision],
    lines: _Lines,
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
            return Next(line, _asked_words(asked.get(first.pk)) or why, verb, line.url)
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


def _asked_of(person: Person, running: Iterable[Operation], now: dt.datetime) -> list[Asked]:
    """The starts that ``person`` may allow, and the windows they confirm in which a run goes on."""
    title, verb = _("To allow a start"), _("Look at what is asked")
    starts = [Asked(one.operation, title, _start_words(one), verb) for one in starts_asked_of(person, at=now)]
    title, verb = _("To confirm a window"), _("Look at the window")
    return [
        *starts,
        *(Asked(one, title, _stop_words(stop), verb) for one, stop in windows_to_confirm(person, running)),
        *(Asked(one, _("To witness"), _witness_words(step), _("Look on")) for one, step in to_witness(person, running)),
    ]


def _witness_words(step: Step) -> str:
    """What is to be looked on at, and who works it."""
    return _("“%(step)s” asks for a witness; %(person)s works it.") % {"step": step.title, "person": step.worked_by}


def _stop_words(stop: Stop) -> str:
    """Why a run stands, and when it is to go on."""
    start, end = (moment(one) for one in stop.window)
    facts = {"person": stop.by, "reason": stop.reason, "start": start, "end": end}
    return _("%(person)s stopped it for this night: “%(reason)s”. It goes on %(start)s, until %(end)s.") % facts


def _start_words(entry: LogEntry) -> str:
    """What somebody asked, who wants to start outside the window."""
    facts = {"person": entry.person_name, "reason": entry.text}
    return _("%(person)s asks to start outside the window: “%(reason)s”") % facts


def _asked_words(decision: Decision | None) -> str:
    if decision is None:
        return ""
    return _("%(person)s asked for changes: “%(reason)s”") % {
        "person": decision.person_name,
        "reason": decision.reason,
    }


# ---------------------------------------------------------------- the blocks


def _blocks(
    own: Own,
    deciding: Sequence[ToDecide],
    signing: Sequence[Operation],
    amended: Sequence[Operation],
    waits: Sequence[Asked],
    asked: dict[int, Decision],
    lines: _Lines,
    on_top: Sequence[Operation],
) -> list[Block]:
    """The lists, without what is on top."""

    def block(title: str, found: Iterable[Line], url: str, kind: str = "") -> Block:
        own = [line for line in found if line.operation not in on_top]
        return Block(title, own[:SHOWN], kind, max(len(own) - SHOWN, 0), url)

    drafts = [lines.line(one, _asked_words(asked.get(one.pk))) for one in (*own.asked, *own.drafts)]
    records = address("record_list")
    found = [
        *(
            block(title, [lines.line(one.operation, one.words, "run") for one in waits if one.title == title], records)
            for title in dict.fromkeys(one.title for one in waits)
        ),
        block(_("To decide"), [lines.to_decide(one) for one in deciding], address("decisions"), "decide"),
        block(_("To sign off"), [lines.line(one, page="sign_off") for one in signing], f"{records}?state=closing"),
        block(_("Addenda to sign off"), [lines.line(one) for one in amended], f"{records}?state=finalized"),
        block(
            _("Closing due"), [lines.line(one, page="close") for one in own.closing], f"{records}?state=closing&mine=on"
        ),
        block(_("My drafts"), drafts, f"{records}?state=draft&mine=on", "draft"),
        block(_("Waiting for review"), [lines.line(one) for one in own.waiting], f"{records}?state=in_review&mine=on"),
        block(
            _("Approved, not started"), [lines.line(one) for one in own.approved], f"{records}?state=approved&mine=on"
        ),
    ]
    return [block for block in found if block.lines]
