"""The lines of home: a record and what is said of it, and what a run waits for somebody to say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from approvals.models import Decision
from approvals.waiting import ToDecide, was_sent_late
from records.models import LogEntry, Operation, Person, Step
from records.outbox import moment
from records.run.start_asked import starts_asked_of
from records.run.stopping import windows_to_confirm
from records.run.stops import Stop
from records.run.witnessing import to_witness
from records.views.addresses import address
from records.views.record_list import levels_of_templates
from records.writing.counts import Count

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
class Awaited:
    """What a run waits for this person to say: the block it stands in, why, and the button."""

    operation: Operation
    title: str
    words: str
    verb: str


class Lines:
    """Makes lines; knows the risk levels of each template, the progress of each draft, and when it is."""

    def __init__(self, progress: dict[int, Count], now: dt.datetime) -> None:
        self.levels, self.progress, self.now = levels_of_templates(), progress, now

    def line(self, operation: Operation, words: str = "", page: str = "record") -> Line:
        """A record with what is said of it; it leads to ``page``."""
        url = address(page, operation.pk)
        total = len(self.levels.get(operation.template_id or 0, ()))
        return Line(operation, url, total, words, count=self.progress.get(operation.pk, NOTHING))

    def to_decide(self, one: ToDecide) -> Line:
        """A plan that waits for a decision, with when that is wanted."""
        line = self.line(one.operation, one.unseen, "review")
        return replace(line, by=one.decide_by, is_late=one.is_late(self.now), sent_late=was_sent_late(one.operation))


def asked_of(person: Person, running: Iterable[Operation], now: dt.datetime) -> list[Awaited]:
    """The starts that ``person`` may allow, and the windows they confirm in which a run goes on."""
    title, verb = _("To allow a start"), _("Look at what is asked")
    starts = [Awaited(one.operation, title, _start_words(one), verb) for one in starts_asked_of(person, at=now)]
    title, verb = _("To confirm a window"), _("Look at the window")
    return [
        *starts,
        *(Awaited(one, title, _stop_words(stop), verb) for one, stop in windows_to_confirm(person, running, now)),
        *(
            Awaited(one, _("To witness"), _witness_words(step), _("Look on"))
            for one, step in to_witness(person, running)
        ),
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


def asked_words(decision: Decision | None) -> str:
    """Which changes were asked for, and by whom; empty where none were."""
    if decision is None:
        return ""
    return _("%(person)s asked for changes: “%(reason)s”") % {
        "person": decision.person_name,
        "reason": decision.reason,
    }
