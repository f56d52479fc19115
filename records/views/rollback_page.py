"""The rollback page's context: which trigger, one sentence; then the procedures as steps, deadline, validation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from records.life_cycle import Act
from records.models import LogEntry, Person, State
from records.rights import is_team, may, may_work
from records.run.clock import Rows, clock, is_over
from records.run.keeping import PICTURE_BYTES
from records.run.loaded import Run
from records.run.logbook import PROBLEMS, notes_by_row
from records.run.moved import unplanned, with_added
from records.run.plan import PlannedStep
from records.run.starting import confirmed
from records.run.unreached import unreached
from records.views.run_board import count_words
from records.views.run_charge import charge, people_of, people_to_call
from records.views.run_deadline import deadline_words, way_back_told
from records.views.run_frame import SHOWN_AT_ROWS, VALIDATION, frame, jumps, no_return_words, onward
from records.views.run_overlaps import tell_overlaps
from records.views.run_rows import RowList, check_lists, tell_confirmed, trigger_shown, validations_shown
from records.views.run_steps import StepShown, steps_shown

JUST_NOW = dt.timedelta(minutes=5)


def rollback_page(run: Run, person: Person, posted: Mapping[str, Any]) -> dict[str, Any]:
    """The context of records/rollback.html for ``person``."""
    operation, plan = run.operation, run.plan
    told = clock(plan, run.steps, started=operation.started_at, now=run.now)
    notes = notes_by_row(run.log, SHOWN_AT_ROWS)
    rolling = operation.state == State.ROLLING_BACK
    steps = procedures(run, notes, working=rolling)
    triggers = [trigger_shown(item, notes.get(item.key, []), plan, run.now) for item in plan.triggers]
    validations = validations_shown(plan.validations, run.validations)
    checks = check_lists(plan.checks, run.checks) if rolling else []
    rows = [one for own in checks for one in own.rows]
    people = people_of(operation)
    call = people_to_call(operation, people, person)
    tell_confirmed([*steps, *triggers, *validations, *rows], confirmed(operation))
    tell_overlaps([one for one in steps if one.row and not one.row.unplanned], run.log)
    step = next((one.number for one in steps if one.is_current), "")
    can_work = bool(may_work(person, operation)) and rolling
    validated = RowList(_("Recovery validation"), VALIDATION, "", validations)
    passed = unreached(plan, run.steps)
    noted = _just_noted(run, person)
    right = may(person, operation, Act.ROLL_BACK)
    can_note = bool(is_team(person, operation)) and run.is_under_way
    return {
        **frame(run, person, told, name=_("Roll back"), to_rollback=False),
        "action": reverse("rollback", args=[operation.pk]),
        "jumps": jumps(
            step,
            (f"#{VALIDATION}", _("Validation"), plan.validations),
            ("#checks-1", _("Checks"), plan.checks),
            ("#call", _("Call"), call),
        )
        if rolling
        else [],
        "current_step": step,
        # Whether it worked comes before the end.
        "onward": onward([validated, *checks], passed=passed) if can_work and not step else None,
        "most_bytes": PICTURE_BYTES,
        "page_title": _("Roll back: %(title)s") % {"title": operation},
        "no_return": no_return_words(run),
        "choosing": operation.state == State.RUNNING,
        "rolling": rolling,
        "refused": "" if right else right.reason,
        "triggers": triggers,
        "sentence": posted.get("sentence") or noted,
        "is_proposed": bool(noted) and not posted.get("sentence"),
        "trigger_words": run.number_of.get(operation.rollback_trigger, operation.rollback_trigger),
        "deadline": deadline_words(plan, plan.rollback_deadline, run.now),
        "way_back": way_back_told(plan, run.steps, run.now)[0],
        "window_end": plan.end if plan.start == plan.window_start else None,
        "procedures": steps,
        "no_steps": all(step.is_set_aside for step in steps),
        "procedures_count": count_words(steps),
        "validations": validations,
        "checks": checks,
        "can_work": can_work,
        "can_check": bool(may_work(person, operation)),
        "can_note": can_note,
        "charge": charge(run, person, people, posted),
        "call": call,
    }


def _just_noted(run: Run, person: Person) -> str:
    """The problem that ``person`` noted a moment ago and is rolling back for; it need not be typed twice."""
    since = run.now - JUST_NOW
    own = (one for one in run.log if one.kind in PROBLEMS and one.person_id == person.pk)
    return next((one.text for one in own if one.written_at >= since), "")


def procedures(run: Run, notes: Mapping[str, list[LogEntry]], *, working: bool) -> list[StepShown]:
    """The rollback procedures as steps; the current one only while rolling back."""
    plan, rows = run.plan, run.steps
    now = current_procedure(plan.procedures, rows) if working else None
    added = [step for step in unplanned(rows.values(), None) if rows[step.key].plan_id]
    steps = with_added(plan.procedure_lines, added, rows)
    return steps_shown(steps, rows, notes, current=now, forecasts={}, now=run.now)


def current_procedure(steps: tuple[PlannedStep, ...], rows: Rows) -> PlannedStep | None:
    """The procedure to work on: one that was begun, else the first that is not over."""
    begun = (step for step in steps if step.key in rows and rows[step.key].status == "started")
    return next(begun, None) or next((step for step in steps if not is_over(rows.get(step.key))), None)
