"""A run begins with clean marks: what an imported text or an earlier run left at the rows is nobody's in this one.

What was done and noted before stands in the log and in the trail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from records.models import Check, Metric, Operation, RecoveryValidation, Step, StepStatus

# What the run writes at its rows and into the record, as it is while nothing was run.
UNWORKED: Mapping[str, Any] = {
    "status": StepStatus.TODO,
    "started_at": None,
    "ended_at": None,
    "worked_by": None,
    "run_reason": "",
    "witnessed_by": None,
    "witnessed_at": None,
}
UNTICKED: Mapping[str, Any] = {
    "ticked": False,
    "ticked_at": None,
    "ticked_by": None,
    "evidence": "",
    "unticked_because": "",
    "observe_until": None,
}
NOTHING_RUN: Mapping[str, Any] = {"in_charge": None, "stops": []}


def forget_imported_ticks(operation: Operation) -> None:
    """A tick that came in with an imported text is nobody's; what is recorded afterwards begins with none."""
    Check.objects.filter(section__operation=operation, ticked=True, ticked_by=None).update(ticked=False)


def begin_clean(operation: Operation) -> None:
    """Take away whatever stands at the rows as if this run had written it, and the steps that no plan has. Part of a
    start.
    """
    of = {"section__operation": operation}
    Step.in_run.filter(**of, unplanned=True).delete()
    Step.objects.filter(**of).update(**UNWORKED)
    for lines in (Check.objects, RecoveryValidation.objects):
        lines.filter(**of).update(**UNTICKED)
    Metric.objects.filter(**of).update(measured_at=None, measured_by=None)
