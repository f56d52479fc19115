"""A run as it stands: the frozen plan, the rows that the run writes, and its log; read once, in few queries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from records.composed import Asked, Kept
from records.decided import Given, approvals_on
from records.models import Check, LogEntry, Metric, Operation, RecoveryValidation, Revision, Step
from records.models.states import UNDER_WAY
from records.run.emergency import plan_of
from records.run.logbook import since_its_start
from records.run.moved import as_planned, from_its_start, moved, unplanned
from records.run.plan import PlannedStep, RunPlan
from records.run.set_aside import with_worked
from records.run.stops import stops_of
from records.writing.readiness import is_set_aside


@dataclass(slots=True)
class Run:
    """All that was read of a run: once for each request. ``log`` are its own lines, ``whole_log`` also those of a run
    before it that was called off.
    """

    operation: Operation
    revision: Revision
    plan: RunPlan
    steps: dict[str, Step]
    checks: dict[str, Check]
    validations: dict[str, RecoveryValidation]
    metrics: dict[str, Metric]
    log: list[LogEntry]
    whole_log: list[LogEntry]
    approvals: list[Given]
    now: dt.datetime

    @property
    def is_under_way(self) -> bool:
        """Whether somebody works on it at this moment."""
        return self.operation.state in UNDER_WAY

    @property
    def recorded(self) -> dict[str, list[PlannedStep]]:
        """The steps that were added and then written into the plan, by the key of the step that they are there."""
        found: dict[str, list[PlannedStep]] = {}
        for row in sorted((row for row in self.steps.values() if row.written_as), key=lambda row: row.position):
            found.setdefault(row.written_as, []).append(as_planned(row))
        return found

    @property
    def newest(self) -> int:
        """The number of the log's newest line."""
        return max((entry.pk for entry in self.whole_log), default=0)

    @property
    def number_of(self) -> dict[str, str]:
        """How people call a row: the number of a step, the title of a trigger or validation, by its key."""
        titles = {item.key: item.title for item in (*self.plan.triggers, *self.plan.validations)}
        steps = (*self.plan.steps, *self.plan.procedures, *self.unplanned)
        return titles | {step.key: step.number for step in steps}

    @property
    def unplanned(self) -> list[PlannedStep]:
        """All steps that were added during the run."""
        phases = [*(phase.key for phase in self.plan.phases), None]
        return [step for key in phases for step in unplanned(self.steps.values(), key)]


def load_run(operation: Operation, now: dt.datetime | None = None) -> Run | None:
    """The run of ``operation`` along its newest revision; None before anything was submitted. At most seven queries."""
    revision = _newest.first(operation=operation.pk)
    if revision is None:
        return None
    revision.operation = operation
    of = operation.pk
    steps = _steps(operation=of)
    rows = {step.key: step for step in steps}
    log = _log(operation=of)
    for entry in log:
        entry.operation = operation
        # What was noted at a step that the plan holds by now stands at that one.
        if entry.step_key in rows and rows[entry.step_key].written_as:
            entry.step_key = rows[entry.step_key].written_as
    plan = with_worked(plan_of(operation, revision), rows)
    return Run(
        operation=operation,
        revision=revision,
        plan=moved(from_its_start(plan, operation), stops_of(operation)),
        steps=rows,
        # Before the start nothing is ticked or measured: whatever an imported text brought along is nobody's.
        checks={one.key: one for one in _checks(operation=of) if not is_set_aside(one)} if operation.started_at else {},
        validations={one.key: one for one in _validations(operation=of)} if operation.rolled_back_at else {},
        metrics={one.key: one for one in _metrics(operation=of)} if operation.started_at else {},
        log=since_its_start(log),
        whole_log=log,
        approvals=approvals_on(revision),
        now=now or timezone.now(),
    )


_ROWS: Any = {"section__operation": Asked("operation"), "loose": False}
_newest = Kept(lambda: Revision.objects.filter(operation=Asked("operation")).defer("plan_text").order_by("-number")[:1])
_steps = Kept(lambda: Step.in_run.filter(**_ROWS).select_related("worked_by", "witnessed_by", "phase").defer("slice"))
_checks = Kept(lambda: Check.objects.filter(**_ROWS).select_related("ticked_by").defer("slice"))
_metrics = Kept(lambda: Metric.objects.filter(**_ROWS, after__isnull=False).select_related("measured_by"))
_validations = Kept(lambda: RecoveryValidation.objects.filter(**_ROWS).select_related("ticked_by"))
_log = Kept(
    lambda: (
        LogEntry.objects.filter(operation=Asked("operation"))
        .select_related("person", "evidence")
        .defer("evidence__content")
    )
)


def version_of(operation: Operation, now: dt.datetime) -> str:
    """What a watcher's page is as of: it changes with every tick and every minute."""
    newest = operation.log.order_by("-pk").values_list("pk", flat=True).first()
    return f"{operation.state}-{newest or 0}-{now:%H%M}"
