"""The planned work: phases with a time window, and steps."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from records.models.rollback import RollbackPlan
from records.models.row import Row, TitledRow
from records.models.states import StepStatus
from records.times import minutes_in


class Phase(Row):
    """A titled group of steps. ``window`` is as written; ``start`` and ``end`` are minutes after midnight."""

    word = models.TextField()
    number = models.PositiveIntegerField()
    title = models.TextField(blank=True)
    window = models.TextField(blank=True)
    start = models.PositiveSmallIntegerField(null=True)
    end = models.PositiveSmallIntegerField(null=True)
    layout = models.JSONField(default=dict)

    objects: ClassVar[models.Manager[Phase]] = models.Manager()

    def __str__(self) -> str:
        return self.title


class PlannedSteps(models.Manager["Step"]):
    """The steps of the plan: those that were added during the run are no part of the document."""

    def get_queryset(self) -> models.QuerySet[Step]:
        return super().get_queryset().filter(unplanned=False)


# The steps that were begun, ask for a witness and have none yet.
UNWITNESSED = Q(
    witness=True, witnessed_by=None, loose=False, run_reason="", status__in=(StepStatus.STARTED, StepStatus.DONE)
)


class Step(TitledRow):
    """A step of a phase, or a procedure of the rollback plan.

    ``estimate`` (as written, "25 min"), ``host``, ``expected`` result and the flags are plan facts without a line
    in the template: they travel in the annex. The last columns are written by the run alone; an ``unplanned`` step
    was added by it as a whole, and is found through ``in_run`` only. Where the plan was written after the work,
    ``written_as`` is the key of the step of the plan that it is.
    """

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, null=True, related_name="steps")
    plan = models.ForeignKey(RollbackPlan, on_delete=models.CASCADE, null=True, related_name="procedures")
    estimate = models.CharField(max_length=60, blank=True)
    host = models.CharField(max_length=200, blank=True)
    expected = models.TextField(blank=True)
    ask_before = models.CharField(max_length=200, blank=True)
    point_of_no_return = models.BooleanField(default=False)
    witness = models.BooleanField(default=False)

    status = models.CharField(max_length=12, choices=StepStatus.choices, default=StepStatus.TODO)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    worked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    run_reason = models.TextField(blank=True)
    witnessed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    witnessed_at = models.DateTimeField(null=True)
    unplanned = models.BooleanField(default=False)
    written_as = models.CharField(max_length=600, blank=True)

    objects: ClassVar[PlannedSteps] = PlannedSteps()
    in_run: ClassVar[models.Manager[Step]] = models.Manager()

    class Meta(TitledRow.Meta):
        constraints = [
            *TitledRow.Meta.constraints,
            models.CheckConstraint(
                condition=Q(phase__isnull=True) | Q(plan__isnull=True), name="step_of_a_phase_or_of_a_plan"
            ),
        ]

    @property
    def begun_at(self) -> dt.datetime | None:
        """When somebody began it; None where all that is known is when it was done."""
        return None if self.started_at == self.ended_at else self.started_at

    @property
    def minutes(self) -> int | None:
        """The estimate in minutes, None where nothing was written that can be understood."""
        return minutes_in(self.estimate)
