"""Steps and procedures that the plan has only because its template does: all that is said of them is that they aren't
applicable, so nobody works on them. Those on which somebody worked nevertheless are steps like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from records.models import Step, StepStatus
from records.run.plan import PlannedPhase, PlannedStep, RunPlan
from records.writing.readiness import is_nothing


def is_left_aside(step: Step) -> bool:
    """Whether ``step`` is not applicable and nobody has begun it."""
    return step.status == StepStatus.TODO and is_nothing(step)


def with_worked(plan: RunPlan, rows: Mapping[str, Step]) -> RunPlan:
    """``plan`` with those among its steps of which ``rows``, by key, tell: the log names them too."""

    def is_worked(step: PlannedStep) -> bool:
        return step.key in rows and not is_left_aside(rows[step.key])

    def parted(lines: tuple[PlannedStep, ...]) -> tuple[tuple[PlannedStep, ...], tuple[PlannedStep, ...]]:
        work = tuple(step for step in lines if not step.is_set_aside or is_worked(step))
        return work, tuple(step for step in lines if step not in work)

    def own(phase: PlannedPhase) -> PlannedPhase:
        steps, aside = parted(phase.lines)
        return replace(phase, steps=steps, set_aside=aside)

    procedures, aside = parted(plan.procedure_lines)
    return replace(plan, phases=tuple(map(own, plan.phases)), procedures=procedures, set_aside=aside)
