"""What nobody came to because the way back was taken: why is known, so nobody is asked for a reason. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from records.models.states import StepStatus
from records.run.clock import Rows, Worked, clock_words
from records.run.plan import RunPlan

UNBEGUN = (StepStatus.TODO, StepStatus.NOT_REACHED)


def unreached(plan: RunPlan, rows: Rows) -> frozenset[str]:
    """The steps of the phases that nobody began, and the lines to tick that stand behind one of them, by key.

    ``rows`` are what the run has written of the steps, by key.
    """
    missed = {
        phase.key: {step.key for step in phase.steps if not _is_begun(rows.get(step.key))} for phase in plan.phases
    }
    checks = {one.key for one in plan.checks if _stands_behind(one.phase, one.is_before, missed)}
    return frozenset(checks.union(*missed.values()))


def _is_begun(row: Worked | None) -> bool:
    return row is not None and row.status not in UNBEGUN


def _stands_behind(phase: str, is_before: bool, missed: Mapping[str, Collection[str]]) -> bool:
    """Whether a line to tick in this ``phase`` (empty: in none) stands behind a step that was not begun."""
    if not phase:
        return not is_before and any(missed.values())
    keys = list(missed)
    at = keys.index(phase) if phase in keys else len(keys)
    return any(missed[key] for key in keys[: at if is_before else at + 1])


def unreached_words(plan: RunPlan, rows: Rows, rolled_back_at: dt.datetime) -> str:
    """Why they were not reached: when the way back was taken, and how far the work had come by then."""
    begun = [(row, step.number) for step in plan.steps if (row := rows.get(step.key)) and _began(row, rolled_back_at)]
    facts = {"time": clock_words(rolled_back_at)}
    under_way = [number for row, number in begun if row.ended_at is None or row.ended_at > rolled_back_at]
    if under_way:
        return _("Rolled back at %(time)s UTC during step %(step)s") % {**facts, "step": under_way[-1]}
    ended = [(row.ended_at, at, number) for at, (row, number) in enumerate(begun) if row.ended_at]
    if not ended:
        return _("Rolled back at %(time)s UTC before the first step") % facts
    return _("Rolled back at %(time)s UTC after step %(step)s") % {**facts, "step": max(ended)[2]}


def _began(row: Worked, moment: dt.datetime) -> bool:
    return row.started_at is not None and row.started_at <= moment
