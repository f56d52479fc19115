"""The run page's context: the frozen plan, the rows that the run writes, and the clock; in at most twelve queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.life_cycle import Act
from records.models import LogEntry, Operation, Person, State
from records.models.states import UNDER_WAY
from records.rights import is_team, may, may_work
from records.run.clock import Clock, clock, clock_words, current, forecasts, passed, spans, whole_minutes
from records.run.handing_over import last_handover
from records.run.keeping import PICTURE_BYTES
from records.run.loaded import Run
from records.run.logbook import NoteKind
from records.run.moved import counted_words, unplanned, with_added
from records.run.plan import PlannedPhase, PlannedStep, RunPlan
from records.run.problems import waiting_steps
from records.run.starting import confirmed
from records.run.stopping import open_stop
from records.run.time_plan import duration, time_plan
from records.views.head import crumbs
from records.views.run_board import PhaseShown, StepShown, notes_by_row, phases_shown, steps_shown
from records.views.run_charge import charge, in_others_hands, people_of, people_to_call, to_ask
from records.views.run_deadline import deciding, way_back_told
from records.views.run_overlaps import tell_overlaps
from records.views.run_pause import pause, stopped, stopped_words
from records.views.run_rows import RowList, check_lists, entry_shown, metric_lists, tell_confirmed, trigger_shown

LOG_SHOWN = 40
# Where the lines stand that tell whether the way back has worked.
VALIDATION = "validation"
# The lines of the log that are shown at their row too.
SHOWN_AT_ROWS = (*NoteKind.values, "evidence", "witness_step")


def page(run: Run, person: Person, posted: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The context of records/run.html for ``person``; ``posted`` is what came in with an error."""
    operation, plan, now = run.operation, run.plan, run.now
    told = clock(plan, run.steps, started=operation.started_at, now=now)
    stop = open_stop(operation)
    working = bool(may_work(person, operation)) and operation.state == State.RUNNING and stop is None
    going_back = operation.state == State.ROLLING_BACK
    notes = notes_by_row(run.log, SHOWN_AT_ROWS)
    checks = check_lists(plan.checks, run.checks)
    phases = phases_shown(
        [replace(phase, steps=tuple(_with_added(run, phase))) for phase in plan.phases],
        run.steps,
        notes,
        # On the way back nothing of the phases is at hand any more, and what was begun is left.
        left_at=operation.rolled_back_at if going_back else None,
        current=current(plan, run.steps) if operation.state == State.RUNNING else None,
        forecasts=forecasts(plan, run.steps, now) if operation.state == State.RUNNING else {},
        checks=checks,
        now=now,
    )
    loose = _loose_steps(run, notes, phases)
    may_roll_back = operation.state == State.RUNNING and bool(may(person, operation, Act.ROLL_BACK))
    people = people_of(operation)
    can_note = bool(is_team(person, operation)) and operation.state in (*UNDER_WAY, State.CLOSING)
    phases += loose
    metrics = metric_lists(plan.metrics, run.metrics, posted or {})
    is_over = operation.finished_at is not None and not run.is_under_way
    triggers = [trigger_shown(item, notes.get(item.key, []), plan, now, is_over=is_over) for item in plan.triggers]
    paused = pause(run, person, posted or {})
    looked = paused["triggers"] if paused else []
    steps = [one for phase in phases for one in phase.steps]
    rows = [one for own in (*checks, *metrics) for one in own.rows]
    call = people_to_call(operation, people, person)
    for shown in steps:
        shown.to_ask = to_ask(shown.plan.ask_before, call)
    tell_confirmed([*steps, *rows, *triggers, *looked], confirmed(operation))
    tell_overlaps([one for one in steps if one.row and not one.row.unplanned], run.log)
    beside = [one for one in checks if not one.phase]
    # An added step that was begun is at hand as well as the planned one; the first on the page is led to.
    at_hand = [one.number for phase in phases for one in phase.steps if one.is_unfolded]
    step = at_hand[0] if at_hand and operation.state == State.RUNNING else ""
    return {
        **frame(run, person, told, name=_("Run"), to_rollback=may_roll_back or going_back),
        "page_title": _title(operation, told),
        # A run that is over stays as it was: its picture must not stretch to today.
        "plan": time_plan(
            spans(plan, run.steps, operation.rolled_back_at),
            deadline=plan.rollback_deadline,
            now=operation.finished_at or now,
            is_over=is_over,
        ),
        "phases": phases,
        "current_step": step,
        "onward": onward(checks, values=metrics) if working and not step else None,
        "jumps": jumps(
            step,
            ("#roll-back-if", _("Roll back if"), plan.triggers),
            (f"#{beside[0].anchor}" if beside else "", _("Checks"), beside),
            ("#metrics-1", _("Values"), plan.metrics),
            ("#call", _("Call"), call),
        ),
        "first_checks": [one for one in beside if one.first],
        "checks": [one for one in beside if not one.first],
        "metrics": metrics,
        "triggers": triggers,
        "can_work": working,
        "can_check": bool(may_work(person, operation)),
        "can_note": can_note and operation.final_text_id is None,
        "can_measure": can_note and operation.final_text_id is None,
        "may_roll_back": may_roll_back,
        # To be read, and begun, without network too.
        "way_back": _way_back(run, notes) if operation.state == State.RUNNING else [],
        "rollback_words": rollback_words(plan),
        "no_return": no_return_words(run),
        "going_back": next((one for one in run.log if one.kind == Act.ROLL_BACK), None) if going_back else None,
        "pause": paused,
        "stopped": stopped(run, person, posted or {}) if stop else None,
        "charge": charge(run, person, people, posted or {}),
        "call": call,
    }


def onward(
    checks: Sequence[RowList], *, values: Sequence[RowList] = (), passed: Collection[str] = ()
) -> tuple[str, str]:
    """What comes once no step is left: the first open check that isn't ``passed`` by (keys), on the way back a
    validation, the first value that nobody measured, then the end.
    """
    if found := next((one for one in checks if any(row.is_open and row.key not in passed for row in one.rows)), None):
        is_validation = found.anchor == VALIDATION
        return found.anchor, _("Go to the recovery validation") if is_validation else _("Go to the checks")
    if found := next((one for one in values if not all(row.after for row in one.rows)), None):
        return found.anchor, _("Go to the values")
    return "finish", _("Go to the end of the work")


def jumps(step: str, *parts: tuple[str, str, Sequence[Any]]) -> list[tuple[str, str]]:
    """Where the step at hand, those ``parts`` that have rows, and the log stand: for the clock of a narrow screen."""
    at_hand = [(f"#step-{step}", _("Step %(number)s") % {"number": step})] if step else []
    return [*at_hand, *((address, words) for address, words, rows in parts if rows), ("#log", _("Log"))]


def _with_added(run: Run, phase: PlannedPhase) -> list[PlannedStep]:
    return with_added(phase.steps, unplanned(run.steps.values(), phase.key), run.steps)


def _way_back(run: Run, notes: Mapping[str, list[LogEntry]]) -> list[StepShown]:
    steps = steps_shown(run.plan.procedures, run.steps, notes, current=None, forecasts={}, now=run.now)
    for step in steps:
        step.out_of_order = False
        # The first line of procedure 2 is not the first block of step 2.1.
        step.commands = [replace(one, anchor=f"back-{one.anchor}") for one in step.commands]
    return steps


def _loose_steps(run: Run, notes: Mapping[str, list[LogEntry]], phases: Sequence[PhaseShown]) -> list[PhaseShown]:
    """The steps that were added to no phase, and the place to add them where there is none or it is an emergency."""
    own = [step for step in unplanned(run.steps.values(), None) if run.steps[step.key].plan_id is None]
    if not (own or run.operation.emergency or (run.is_under_way and not run.plan.phases)):
        return []
    steps = steps_shown(own, run.steps, notes, current=None, forecasts={}, now=run.now)
    for phase in phases:
        phase.takes_steps = False
    return [PhaseShown("phase-0", _("Steps that nobody planned"), steps, takes_steps=True)]


def frame(run: Run, person: Person, told: Clock, *, name: str, to_rollback: bool) -> dict[str, Any]:
    """What run and rollback page have in common: clock, head, log. ``to_rollback``: the clock leads to the way back."""
    operation = run.operation
    return {
        "operation": operation,
        "here": "records",
        "revision": run.revision,
        "crumbs": crumbs(operation, name),
        "action": reverse("run", args=[operation.pk]),
        "most_bytes": PICTURE_BYTES,
        "under_way": run.is_under_way,
        "approved": operation.state == State.APPROVED,
        "closing": operation.state in (State.CLOSING, State.FINALIZED),
        # Which evidence is missing: that is what the run was opened again for.
        "reopened": next((one for one in run.log if one.kind == Act.REOPEN_RUN), None) if run.is_under_way else None,
        "handover": last_handover(operation, run.log) if run.is_under_way else None,
        "now_words": clock_words(run.now),
        "counted": counted_words(run.plan),
        "witness_id": person.pk if run.is_under_way else 0,
        "approved_words": approved_words(run),
        "clock": clock_shown(run, told, to_rollback=to_rollback, in_charge=in_others_hands(run, person)),
        "in_others_hands": bool(in_others_hands(run, person)),
        # An emergency's plan mostly has none yet, and some templates ask for none.
        "no_way_back": not run.plan.procedures,
        "version": f"{operation.state}-{run.newest}-{run.now:%H%M}",
        "log_mark": f"{operation.state}-{run.newest}",
        "skip_reasons": [_("Already so"), _("Not needed here"), _("Replaced by another step"), _("No time left")],
        "order_reasons": [_("In parallel with the step before"), _("The step before waits"), _("Agreed on the call")],
        "log": [entry_shown(entry, run.number_of) for entry in run.log[:LOG_SHOWN]],
        "log_more": max(len(run.log) - LOG_SHOWN, 0),
    }


def _title(operation: Operation, told: Clock) -> str:
    if told.step and operation.state == State.RUNNING:
        return _("Running, step %(number)s: %(title)s") % {"number": told.step.number, "title": operation}
    return f"{operation.get_state_display()}: {operation}"


def approved_words(run: Run) -> str:
    """ "Approved revision 4 by …"; who took an approval back isn't named. That nobody did is said above."""
    if run.operation.was_unapproved:
        return ""
    names = [one.person for one in run.approvals]
    if not names:
        return _("Revision %(number)s.") % {"number": run.revision.number}
    facts = {"number": run.revision.number, "names": _(" and ").join(names)}
    return _("Approved revision %(number)s by %(names)s.") % facts


# ---------------------------------------------------------------- clock


def clock_shown(run: Run, told: Clock, *, to_rollback: bool, in_charge: str) -> dict[str, Any]:
    """The clock bar: UTC, the person's own time, and how the run stands.

    Whoever was in charge, and may be scrolled far down, sees there too that somebody else is (``in_charge``).
    """
    operation = run.operation
    stop = open_stop(operation)
    here = timezone.localtime(told.now)
    # Word, value, whether it is late, and whether it is left out where there is little room.
    facts: list[tuple[str, str, bool, bool]] = [(_("In charge"), in_charge, True, False)] if in_charge else []
    if told.elapsed is not None:
        facts.append((_("Elapsed"), duration(told.elapsed), False, True))
    if operation.state == State.ROLLING_BACK:
        back = told.now - (operation.rolled_back_at or told.now)
        facts.append((_("Rolling back for"), duration(whole_minutes(back)), False, False))
        if run.plan.procedures:
            facts.append((_("Way back"), *way_back_told(run.plan, run.steps, told.now), False))
    elif told.phase and told.phase.end and not stop:
        left = whole_minutes(told.phase.end - told.now)
        name = {"phase": told.phase.name}
        if left >= 0:
            facts.append((_("%(phase)s ends in") % name, duration(left), False, False))
        else:
            facts.append((_("%(phase)s is over by") % name, duration(-left), True, False))
    if told.late is not None and operation.state == State.RUNNING and not stop:
        facts.append((_("Against plan"), against_plan(told.late), told.late > 0, True))
    if waits := waiting_steps(run) if run.is_under_way else []:
        number, entry = waits[0]
        told_of = {"step": number, "time": clock_words(entry.at)}
        facts.append((_("Waiting"), _("step %(step)s, since %(time)s") % told_of, True, False))
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


def no_return_words(run: Run) -> str:
    """That the point of no return was passed, when, and what rolling back means from then on; empty before it."""
    point = passed(run.plan, run.steps)
    row = run.steps[point.key] if point else None
    if point is None or row is None:
        return ""
    facts = {"step": f"{point.number} {point.title}", "time": clock_words(row.started_at or run.now)}
    words = _("%(step)s, the point of no return, was begun at %(time)s UTC.") % facts
    return f"{words} {_('The procedures no longer lead to where you were; what they still save is yours to judge.')}"


def against_plan(late: int) -> str:
    """ "3 min late", "on time", "4 min early"."""
    if late > 0:
        return _("%(time)s late") % {"time": duration(late)}
    return _("%(time)s early") % {"time": duration(-late)} if late < 0 else _("on time")


def rollback_words(plan: RunPlan) -> str:
    """What pressing "Start rollback" leads to, and how long it takes."""
    number = len(plan.procedures)
    if not number:
        return ""
    words = ngettext(
        "Asks which trigger, then opens the rollback procedure as a step.",
        "Asks which trigger, then opens the %(number)s rollback procedures as steps.",
        number,
    ) % {"number": number}
    return f"{words} {duration(plan.rollback_minutes)}." if plan.rollback_minutes else words
