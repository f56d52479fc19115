"""The plan of a run as it stands this night: counted from a start outside its window, moved by its stops, and with
the steps that nobody planned.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from records.document.exchange import from_json
from records.document.outline import Item
from records.models import Operation, Step
from records.outbox import moment
from records.run.plan import PlannedPhase, PlannedStep, RunPlan
from records.run.starting import A_DAY, EARLY
from records.run.stops import Stop
from records.run.time_plan import duration
from records.times import shown_minutes


def moved(plan: RunPlan, stops: Iterable[Stop]) -> RunPlan:
    """``plan`` with the phases behind each stop in the window that was named for them."""
    for stop in stops:
        keys = [phase.key for phase in plan.phases]
        if stop.after not in keys:
            continue
        at = keys.index(stop.after) + 1
        start, end = stop.window
        first = next((phase.start for phase in plan.phases[at:] if phase.start), None)
        later = [_moved(phase, start - first) if first else phase for phase in plan.phases[at:]]
        plan = replace(plan, phases=(*plan.phases[:at], *later), end=end, window_end=end)
    return plan


def from_its_start(plan: RunPlan, operation: Operation) -> RunPlan:
    """``plan`` with its times counted from the start, where a supervisor let ``operation`` start outside its window:
    too early for the window to say anything of this night, or once it was over.

    A time that a trigger names is what was approved, and stays. A start that was only late is late.
    """
    started, start, end = operation.started_at, plan.start, plan.end
    if started is None or start is None or operation.was_unapproved:
        return plan
    if start - EARLY <= started < (end or start + A_DAY):
        return plan
    by = started - start
    phases = tuple(_moved(phase, by) for phase in plan.phases)
    return replace(plan, phases=phases, start=started, end=end and end + by)


def counted_words(plan: RunPlan) -> str:
    """That the times of ``plan`` are counted from a start outside its window; empty where they are those planned."""
    if plan.start is None or plan.window_start is None or plan.start == plan.window_start:
        return ""
    minutes = shown_minutes(plan.window_start, plan.start)
    words = _("Planned for %(planned)s, started %(time)s early: its times are counted from the start.")
    if minutes > 0:
        words = _("Planned for %(planned)s, started %(time)s later: its times are counted from the start.")
    return words % {"planned": moment(plan.window_start), "time": duration(abs(minutes))}


def _moved(phase: PlannedPhase, by: dt.timedelta) -> PlannedPhase:
    steps = tuple(replace(step, start=step.start and step.start + by) for step in phase.steps)
    return replace(phase, start=phase.start and phase.start + by, end=phase.end and phase.end + by, steps=steps)


def unplanned(steps: Iterable[Step], phase_key: str | None) -> list[PlannedStep]:
    """The steps added during the run to a phase, or (None) on the way back, in their order; not those that the plan,
    written later, holds.
    """
    added = [step for step in steps if step.unplanned and not step.written_as]
    own = [step for step in added if (step.phase.key if step.phase else None) == phase_key]
    return [as_planned(step) for step in sorted(own, key=lambda step: step.position)]


def with_added(
    steps: Iterable[PlannedStep], added: Iterable[PlannedStep], rows: Mapping[str, Step]
) -> list[PlannedStep]:
    """Steps of the plan, and each that was added in the run behind those that were over when it was begun."""
    found = list(steps)
    for one in added:
        begun = rows[one.key].started_at
        over = [at for at, step in enumerate(found, 1) if _ended_by(rows.get(step.key), begun)]
        found.insert(max(over, default=0), one)
    return found


def in_place(plan: RunPlan, rows: Mapping[str, Step], *, was_rolled_back: bool) -> list[PlannedStep]:
    """Every step in its place: those of the phases, those of none, and the way back if it was taken; each that was
    added in the run stands where it was done.
    """
    found: list[PlannedStep] = []
    for phase in plan.phases:
        found += with_added(phase.steps, unplanned(rows.values(), phase.key), rows)
    loose = unplanned(rows.values(), None)
    found += [step for step in loose if rows[step.key].plan_id is None]
    back = [step for step in loose if rows[step.key].plan_id]
    return [*found, *(with_added(plan.procedures, back, rows) if was_rolled_back else ())]


def _ended_by(row: Step | None, moment: dt.datetime | None) -> bool:
    return bool(row and row.ended_at and moment and row.ended_at <= moment)


def as_planned(step: Step) -> PlannedStep:
    """A step that was added, as the steps of a plan are read."""
    data = {"type": "item", "key": step.key, "title": step.title, "text": step.text, "parts": step.parts}
    return PlannedStep(step.key, f"U{step.position}", from_json(data, Item))
