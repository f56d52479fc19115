"""The clock bar of a run: what time it is, how the run stands against its plan, until when it can go back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from records.models import State
from records.run.clock import Clock, clock_words, passed, whole_minutes
from records.run.loaded import Run
from records.run.plan import PlannedStep
from records.run.problems import waiting_steps
from records.run.stops import open_stop
from records.run.time_plan import duration
from records.views.run_deadline import ClockFact, deciding, way_back_told
from records.views.run_pause import stopped_words


def clock_shown(run: Run, told: Clock, *, to_rollback: bool, in_charge: str) -> dict[str, Any]:
    """The clock bar: UTC, the person's own time, and how the run stands.

    Whoever was in charge, and may be scrolled far down, sees there too that somebody else is (``in_charge``).
    """
    operation = run.operation
    stop = open_stop(operation)
    here = timezone.localtime(told.now)
    facts = [ClockFact(_("In charge"), in_charge, is_late=True)] if in_charge else []
    if told.elapsed is not None:
        facts.append(ClockFact(_("Elapsed"), duration(told.elapsed), is_minor=True, moment=told.started))
    if operation.state == State.ROLLING_BACK:
        back = told.now - (operation.rolled_back_at or told.now)
        words = duration(whole_minutes(back))
        facts.append(ClockFact(_("Rolling back for"), words, moment=operation.rolled_back_at))
        if run.plan.procedures:
            facts.append(ClockFact(_("Way back"), *way_back_told(run.plan, run.steps, told.now)))
    elif told.phase and told.phase.end and not stop:
        left = whole_minutes(told.phase.end - told.now)
        word = _("%(phase)s ends in") if left >= 0 else _("%(phase)s is over by")
        words = duration(abs(left))
        facts.append(ClockFact(word % {"phase": told.phase.name}, words, left < 0, moment=told.phase.end))
    if told.late is not None and operation.state == State.RUNNING and not stop:
        facts.append(ClockFact(_("Against plan"), against_plan(told.late), told.late > 0, is_minor=True))
    if waits := waiting_steps(run) if run.is_under_way else []:
        number, entry = waits[0]
        told_of = {"step": number, "time": clock_words(entry.at)}
        facts.append(ClockFact(_("Waiting"), _("step %(step)s, since %(time)s") % told_of, is_late=True))
    point = passed(run.plan, run.steps)
    if operation.state == State.RUNNING:
        facts += deciding(run.plan, run.steps, point, told.now)
    return {
        "state_word": stopped_words(stop, told.now) if stop else str(State(operation.state).label),
        "is_going_back": operation.state == State.ROLLING_BACK,
        "now": told.now,
        "local": _own_clock(here) if here.utcoffset() else "",
        "facts": facts,
        "rollback_url": reverse("rollback", args=[operation.pk]) if to_rollback else "",
        "rollback_words": rollback_button(run, point),
    }


def _own_clock(here: dt.datetime) -> str:
    """A time as a clock on the wall shows it; in the hour that comes twice, which of the two it is: "02:05 CET"."""
    comes_twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
    return f"{here:%H:%M %Z}" if comes_twice else f"{here:%H:%M}"


def rollback_button(run: Run, point: PlannedStep | None) -> str:
    """What leads to the page of the way back; behind the point of no return it leads to no way back as planned."""
    if run.operation.state == State.ROLLING_BACK:
        return _("To the rollback page")
    if point:
        return _("Roll back nevertheless…")
    return _("Start rollback…") if run.plan.procedures else _("Roll back…")


def against_plan(late: int) -> str:
    """ "3 min late", "on time", "4 min early"."""
    if late > 0:
        return _("%(time)s late") % {"time": duration(late)}
    return _("%(time)s early") % {"time": duration(-late)} if late < 0 else _("on time")
