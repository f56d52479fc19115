"""The end of a phase as a pause: how it went, what is still open; going on, or stopping until another night."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.life_cycle import Act
from records.models import Person, State, StepStatus
from records.outbox import moment
from records.rights import may
from records.run.clock import actual, clock_words, current, is_over, whole_minutes
from records.run.loaded import Run
from records.run.logbook import NoteKind, notes_by_row
from records.run.plan import PlannedPhase
from records.run.stopping import confirmers, may_confirm, still_asked
from records.run.stops import Stop, open_stop, stops_of
from records.run.time_plan import duration
from records.run.witnessing import worked_in
from records.views.run_rows import TriggerShown, trigger_shown

# What is noted at a trigger when somebody looks at it.
LOOKED = (NoteKind.NOTE, NoteKind.PROBLEM)


def pause(run: Run, person: Person, posted: Mapping[str, Any]) -> dict[str, Any] | None:
    """The context of run/_pause.html while a phase has ended and no step of the next has; else None."""
    pair = _ended(run)
    if pair is None or run.operation.state != State.RUNNING or open_stop(run.operation):
        return None
    ended, following = pair
    if _went_on(run, ended):
        return None
    numbers = run.number_of
    return {
        "begun": [numbers[row.key] for row in run.steps.values() if row.status == StepStatus.STARTED],
        "title": _("%(phase)s has ended") % {"phase": ended.name},
        "how": _how(run, ended),
        "triggers": _looked_at(run, ended),
        "open": _open(run, ended, person),
        "next": following.steps[0].number,
        "anchor": f"phase-{following.number}",
        "may_stop": not run.operation.emergency and bool(may(person, run.operation, Act.STOP_AT_PHASE_END)),
        **stop_fields(run, posted),
    }


def _ended(run: Run) -> tuple[PlannedPhase, PlannedPhase] | None:
    """The phase that has ended and the one that comes next, while none of its steps is over."""
    phases = [phase for phase in run.plan.phases if phase.steps]
    over = [all(is_over(run.steps.get(step.key)) for step in phase.steps) for phase in phases]
    at = next((at for at, done in enumerate(over) if not done), 0)
    if at == 0 or any(is_over(run.steps.get(step.key)) for step in phases[at].steps):
        return None
    return phases[at - 1], phases[at]


def _how(run: Run, phase: PlannedPhase) -> str:
    skipped = sum(run.steps[step.key].status != StepStatus.DONE for step in phase.steps if step.key in run.steps)
    words = [
        ngettext("%(n)s step skipped", "%(n)s steps skipped", skipped) % {"n": skipped}
        if skipped
        else _("All steps done")
    ]
    end = actual(phase.steps, run.steps)[1]
    late = whole_minutes(end - phase.end) if end and phase.end else 0
    if late > 0:
        words.append(_("%(time)s over its window") % {"time": duration(late)})
    return ", ".join(words) + "."


def _went_on(run: Run, ended: PlannedPhase) -> bool:
    """Whether the run stopped behind this phase for a night, and goes on again: the pause is over."""
    return any(stop.after == ended.key and stop.went_on for stop in stops_of(run.operation))


def _looked_at(run: Run, phase: PlannedPhase) -> list[TriggerShown]:
    """All triggers, at hand where the page asks to look around, and whether somebody looked in this phase. One that
    was looked at stays in its place, so that nothing else slides under the pointer.
    """
    since = actual(phase.steps, run.steps)[0]
    notes = notes_by_row(run.log, LOOKED)
    found = []
    for item in run.plan.triggers:
        own = [entry for entry in notes.get(item.key, []) if since is None or entry.at >= since]
        shown = trigger_shown(item, own, run.plan, run.now)
        if not own:
            shown.status = _("not looked at in this phase")
        found.append(shown)
    return found


def _open(run: Run, phase: PlannedPhase, person: Person) -> list[tuple[str, str]]:
    """What else is open in it, in words, and where it is seen to: its own checks, a step whose witness has said nothing
    yet, for who may have been that the field in which they say it.
    """
    rows = [run.checks.get(check.key) for check in run.plan.checks if check.phase == phase.key]
    left = sum(not (row and row.is_seen_to) for row in rows)
    words = ngettext("%(n)s check of it is open.", "%(n)s checks of it are open.", left) % {"n": left}
    found = [(words, "")] if left else []
    for step in phase.steps:
        row = run.steps.get(step.key)
        if step.witness and row and row.status == StepStatus.DONE and not (row.witnessed_by_id or row.run_reason):
            place = "step" if step.key in worked_in(run.log, person) else "saw"
            told = _("Step %(number)s has no witness yet.") % {"number": step.number}
            found.append((told, f"#{place}-{step.number}"))
    return found


def stop_fields(run: Run, posted: Mapping[str, Any]) -> dict[str, Any]:
    """What the form for another night shows: what was posted, else the same hours tomorrow."""
    mine = posted if posted.get("do") == "stop_at_phase_end" else {}
    tomorrow = run.now.astimezone(dt.UTC) + dt.timedelta(days=1)
    start, end = run.plan.window_start or tomorrow, run.plan.window_end or tomorrow
    return {
        "reason": mine.get("reason", ""),
        "day": mine.get("day", f"{tomorrow:%Y-%m-%d}"),
        "start": mine.get("started", f"{start.astimezone(dt.UTC):%H:%M}"),
        "end": mine.get("ended", f"{end.astimezone(dt.UTC):%H:%M}"),
        "failed": bool(mine),
    }


def stopped(run: Run, person: Person, posted: Mapping[str, Any]) -> dict[str, Any]:
    """The context of run/_stopped.html: the window in which it goes on, who confirmed it, and going on."""
    operation = run.operation
    stop = open_stop(operation)
    assert stop is not None
    asked = confirmers(operation, run.approvals, run.now.date())
    waiting = still_asked(stop, asked)
    start, end = stop.window
    following = current(run.plan, run.steps)
    return {
        "stop": stop,
        "next": following.number if following else "",
        "start_at": start,
        "end_at": end,
        "waiting": [one.words for one in waiting],
        "may_confirm": may_confirm(person.pk, stop, asked),
        "may_go_on": bool(may(person, operation, Act.START)) and not waiting,
        "may_stop": bool(may(person, operation, Act.STOP_AT_PHASE_END)),
        **stop_fields(run, posted),
    }


def stopped_words(stop: Stop, now: dt.datetime) -> str:
    """Until when a run stands still, with the day where that isn't today; or that its window has begun since."""
    start = stop.window[0].astimezone(dt.UTC)
    told = clock_words(start) if start.date() == now.astimezone(dt.UTC).date() else moment(start)
    words = _("Stopped until %(time)s") if now < start else _("Stopped; its window began at %(time)s")
    return words % {"time": told}
