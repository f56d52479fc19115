"""The way back: triggers, procedures (steps of their own), recovery validation."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from records.models.row import Ticked, TitledRow
from records.models.section import Section


class RollbackPlan(models.Model):
    """The rollback plan of a record: what a section that holds procedures without a window is."""

    section = models.OneToOneField(Section, on_delete=models.CASCADE, related_name="rollback_plan")

    objects: ClassVar[models.Manager[RollbackPlan]] = models.Manager()


class RollbackTrigger(TitledRow):
    """What makes the team roll back: a named threshold."""

    plan = models.ForeignKey(RollbackPlan, on_delete=models.CASCADE, related_name="triggers")

    objects: ClassVar[models.Manager[RollbackTrigger]] = models.Manager()


class RecoveryValidation(TitledRow, Ticked):
    """How the team knows that the way back has worked; ticked on the way back."""

    plan = models.ForeignKey(RollbackPlan, on_delete=models.CASCADE, related_name="validations")

    objects: ClassVar[models.Manager[RecoveryValidation]] = models.Manager()
