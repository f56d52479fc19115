"""The run page's context: the frozen plan, the rows that the run writes, and the clock; in at most twelve queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.life_cycle import Act
from records.models import LogEntry, Operation, Person, State
from records.models.states import UNDER_WAY
from records.rights import is_team, may, may_work
from records.run.clock import Clock, clock, current, forecasts, spans
from records.run.loaded import Run
from records.run.logbook import notes_by_row
from records.run.moved import unplanned, with_added
from records.run.plan import PlannedPhase, PlannedStep, RunPlan
from records.run.starting import confirmed
from records.run.stops import open_stop
from records.run.time_plan import duration, time_plan
from records.views.run_board import PhaseShown, phases_shown
from records.views.run_charge import charge, people_of, people_to_call, to_ask
from records.views.run_frame import SHOWN_AT_ROWS, frame, jumps, no_return_words, onward
from records.views.run_overlaps import tell_overlaps
from records.views.run_pause import pause, stopped
from records.views.run_rows import check_lists, metric_lists, tell_confirmed, trigger_shown
from records.views.run_steps import StepShown, steps_shown


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


def _with_added(run: Run, phase: PlannedPhase) -> list[PlannedStep]:
    return with_added(phase.lines, unplanned(run.steps.values(), phase.key), run.steps)


def _way_back(run: Run, notes: Mapping[str, list[LogEntry]]) -> list[StepShown]:
    steps = steps_shown(run.plan.procedure_lines, run.steps, notes, current=None, forecasts={}, now=run.now)
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


def _title(operation: Operation, told: Clock) -> str:
    if told.step and operation.state == State.RUNNING:
        return _("Running, step %(number)s: %(title)s") % {"number": told.step.number, "title": operation}
    return f"{operation.get_state_display()}: {operation}"


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
