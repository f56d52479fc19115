"""A step that nobody planned: added beside the approved ones while the operation is under way, and marked as such."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import count

from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.document.exchange import to_json
from records.document.outline import Commands
from records.life_cycle import acting, said
from records.models import Operation, Person, RollbackPlan, State, Step, StepStatus
from records.refusals import Incomplete
from records.run.logbook import check_workable, log, moment_of
from records.run.step_order import in_order
from records.run.stops import check_not_stopped

TITLE_LENGTH = 200
COMMANDS_LENGTH = 64 * 1024


def add_step(
    operation: Operation,
    *,
    title: str,
    reason: str,
    by: Person,
    commands: str = "",
    happened: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> Step:
    """Add a step to the phase that is worked on (on the way back: to its procedures), for a ``reason``, and begin it.

    In an emergency, where nothing was planned, a reason may be left out.
    It is no part of the approved plan and of no record's text: it stands in the log and what goes with it. Raises
    WrongOrder while the run stands until another night.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        check_workable(locked, by)
        check_not_stopped(locked)
        called = said(title, _("what is done"))
        # All of an emergency is unplanned, and why it is done at all was said at its start.
        why = said(reason) if reason.strip() or not locked.emergency else ""
        if len(called) > TITLE_LENGTH or len(commands) > COMMANDS_LENGTH:
            raise Incomplete([_("a title of at most 200 characters, and commands of at most 64 KiB")])
        number = Step.in_run.filter(section__operation=locked, unplanned=True).count() + 1
        key = _free_key(locked, number)
        parts = [to_json(Commands(f"{key}.commands", "", said(commands)))] if commands.strip() else []
        step = Step(key=key, block="", position=number, title=called, text=why, parts=parts, unplanned=True)
        _place(locked, step)
        step.status, step.started_at, step.worked_by = StepStatus.STARTED, moment_of(locked, happened, at), by
        step.save()
        log(
            locked,
            "add_step",
            by=by,
            at=at,
            happened=happened,
            text=f"{called}: {why}" if why else called,
            step_key=key,
        )
        audit.record("add_step", operation=locked, person=by, at=at, step=key, title=called, reason=why)
    return step


def stand_in_plan(operation: Operation, written: Mapping[str, str]) -> None:
    """The steps that were added are those of the plan, written later, that ``written`` names by key: each is one thing,
    with the times of the run. Part of completing the plan.

    Raises Incomplete for a step that is none, or of which something is known already.
    """
    added = Step.in_run.filter(section__operation=operation, unplanned=True, written_as="", key__in=written)
    rows = list(added.select_related("worked_by").order_by("position"))
    planned = {step.key: step for step in Step.objects.filter(section__operation=operation, loose=False)}
    for key in dict.fromkeys(written.values()):
        step, own = planned.get(key), [row for row in rows if written[row.key] == key]
        if step is None or step.status != StepStatus.TODO or not own:
            raise Incomplete([_("which step of the plan each step that was added is")])
        times = [at for row in own for at in (row.started_at, row.ended_at) if at]
        done = [row for row in own if row.status == StepStatus.DONE]
        newest = (done or own)[-1]
        step.status, step.run_reason, step.worked_by = newest.status, newest.run_reason, newest.worked_by
        step.started_at, step.ended_at = min(times, default=None), max(times, default=None)
        step.save(update_fields=["status", "run_reason", "worked_by", "started_at", "ended_at"])
        for row in own:
            row.written_as = key
            row.save(update_fields=["written_as"])


def _free_key(operation: Operation, number: int) -> str:
    """The key of an added step: the first from ``number`` on that no step has, as one of a section "Unplanned" may."""
    taken = set(Step.in_run.filter(section__operation=operation).values_list("key", flat=True))
    return next(key for n in count(number) if (key := f"unplanned/{n}") not in taken)


def _place(operation: Operation, step: Step) -> None:
    """Into the section and phase of the first step that isn't over, else of the last one."""
    # The plan of an emergency is still to be written: a phase that goes from it must not take along what was done.
    planned = [] if operation.emergency else in_order(operation)
    open_ = (one for one in planned if one.status in (StepStatus.TODO, StepStatus.STARTED))
    beside = next(open_, None) or (planned[-1] if planned else None)
    if beside is not None:
        step.section_id, step.phase_id, step.plan_id = beside.section_id, beside.phase_id, beside.plan_id
        return
    step.section = operation.sections.order_by("position")[0]
    if operation.state == State.ROLLING_BACK:
        step.plan = RollbackPlan.objects.filter(section__operation=operation).first()
