"""Clock against plan: how a run stands at a moment. Pure; every time is a moment with its zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

from records.models.states import StepStatus
from records.run.plan import PlannedPhase, PlannedStep, RunPlan
from records.run.time_plan import Span

OVER = frozenset({StepStatus.DONE.value, StepStatus.SKIPPED.value, StepStatus.NOT_REACHED.value})
MINUTE = dt.timedelta(minutes=1)
ON_TIME = dt.timedelta()


class Worked(Protocol):
    """What a run has written of a step."""

    status: str
    started_at: dt.datetime | None
    ended_at: dt.datetime | None


Rows = Mapping[str, Worked]


@dataclass(frozen=True, slots=True)
class Clock:
    """How the run stands now. ``late`` is in minutes, negative when early; None where the plan doesn't say."""

    now: dt.datetime
    started: dt.datetime | None
    phase: PlannedPhase | None
    step: PlannedStep | None
    late: int | None
    deadline: dt.datetime | None

    @property
    def elapsed(self) -> int | None:
        """Minutes since the start."""
        return whole_minutes(self.now - self.started) if self.started else None


def whole_minutes(span: dt.timedelta) -> int:
    """A span in minutes, towards nought: 59 seconds late is not yet a minute."""
    return int(span / MINUTE)


def is_over(row: Worked | None) -> bool:
    """Whether a step was done, skipped or not reached."""
    return row is not None and row.status in OVER


def current(plan: RunPlan, rows: Rows) -> PlannedStep | None:
    """The step to work on: one that was begun, else the first that is not over."""
    begun = (step for step in plan.steps if step.key in rows and rows[step.key].status == StepStatus.STARTED)
    open_ = (step for step in plan.steps if not is_over(rows.get(step.key)))
    return next(begun, None) or next(open_, None)


def passed(plan: RunPlan, rows: Rows) -> PlannedStep | None:
    """The last point of no return that was passed: a step that was begun or done."""
    begun = (StepStatus.STARTED, StepStatus.DONE)
    own = [
        step for step in plan.steps if step.point_of_no_return and step.key in rows and rows[step.key].status in begun
    ]
    return own[-1] if own else None


def phase_of(plan: RunPlan, step: PlannedStep | None) -> PlannedPhase | None:
    """The phase that ``step`` stands in."""
    return next((phase for phase in plan.phases if step in phase.steps), None) if step else None


def clock(plan: RunPlan, rows: Rows, *, started: dt.datetime | None, now: dt.datetime) -> Clock:
    """How the run stands at ``now``."""
    step = current(plan, rows)
    phase = phase_of(plan, step)
    late = _late(plan, step, rows, now) if started else None
    return Clock(now, started, phase, step, late, plan.rollback_deadline)


def _late(plan: RunPlan, step: PlannedStep | None, rows: Rows, now: dt.datetime) -> int | None:
    """Minutes behind the plan: what the last step that was begun or ended was off its planned time, which stays until
    the next one is, and grows with each minute that the step at hand is overdue.

    A step without planned time goes by the one before it, and is overdue at the end of its phase.
    """
    phase = phase_of(plan, step)
    if phase is None or step is None or not (step.start or phase.start or phase.end):
        return None
    row = rows.get(step.key)
    begun = row.started_at if row and row.status == StepStatus.STARTED else None
    due = (_planned_end(phase, step) or phase.end) if begun else (step.start or phase.end)
    if begun and step.start:
        off = begun - step.start
    else:
        off = _off_before(plan, step, rows)
        # Whoever is behind, and has until the next step is due, is in time for it.
        off = min(off, ON_TIME) if step.start else off
    return whole_minutes(max(off, now - due) if due else off)


def _planned_end(phase: PlannedPhase, step: PlannedStep) -> dt.datetime | None:
    if step.start and step.minutes is not None:
        return step.start + dt.timedelta(minutes=step.minutes)
    return phase.end if step is phase.steps[-1] else None


def _off_before(plan: RunPlan, step: PlannedStep, rows: Rows) -> dt.timedelta:
    """How far behind its planned time the last such step before ``step`` ended, or was begun; nought if none was."""
    off = ON_TIME
    for phase in plan.phases:
        for one in phase.steps:
            if one is step:
                return off
            row, end = rows.get(one.key), _planned_end(phase, one)
            if row and row.ended_at and end:
                off = row.ended_at - end
            elif row and row.started_at and one.start:
                off = row.started_at - one.start
    return off


def forecasts(plan: RunPlan, rows: Rows, now: dt.datetime) -> dict[str, dt.datetime]:
    """When each step that is not begun is likely to begin, by key.

    A step without estimate ends the guessing in its phase. A phase begins in its window, when the one before is over.
    """
    found: dict[str, dt.datetime] = {}
    free: dt.datetime | None = now
    for phase in plan.phases:
        if all(is_over(rows.get(step.key)) for step in phase.steps):
            continue
        free = max(free or now, phase.start) if phase.start else free or now
        for step in phase.steps:
            row = rows.get(step.key)
            if is_over(row) or free is None:
                continue
            begun = row.started_at if row and row.status == StepStatus.STARTED else None
            if not begun:
                found[step.key] = free
            length = dt.timedelta(minutes=step.minutes) if step.minutes is not None else None
            free = max(now, (begun or free) + length) if length is not None else None
    return found


def way_back_ends(plan: RunPlan, rows: Rows, now: dt.datetime) -> dt.datetime | None:
    """When the procedures that are left are likely over, one after the other; None where one has no estimate."""
    at = now
    for step in plan.procedures:
        row = rows.get(step.key)
        if is_over(row):
            continue
        if step.minutes is None:
            return None
        begun = row.started_at if row and row.status == StepStatus.STARTED else None
        at = max(now, (begun or at) + dt.timedelta(minutes=step.minutes))
    return at


def actual(steps: Iterable[PlannedStep], rows: Rows) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When the steps of a phase were really begun and ended; the end is None until each of them is over."""
    own = [rows[step.key] for step in steps if step.key in rows]
    begun = [row.started_at for row in own if row.started_at]
    ended = [row.ended_at for row in own if row.ended_at]
    over = bool(own) and all(is_over(row) for row in own)
    return min(begun, default=None), max(ended) if over and ended else None


def clock_words(moment: dt.datetime) -> str:
    """A moment as a UTC clock shows it: "03:31"."""
    return f"{moment.astimezone(dt.UTC):%H:%M}"


def spans(plan: RunPlan, rows: Rows, rolled_back_at: dt.datetime | None = None) -> list[Span]:
    """The phases as the picture of the time plan takes them; once the way back was taken, that too."""
    found = [Span(phase.title, phase.start, phase.end, *actual(phase.steps, rows)) for phase in plan.phases]
    if rolled_back_at:
        until = rolled_back_at + dt.timedelta(minutes=plan.rollback_minutes or 0)
        began, ended = actual(plan.procedures, rows)
        found.append(Span(_("Rollback"), rolled_back_at, until, began, ended, is_back=True))
    return found
