"""The states of a record and the outcomes of an operation (product.md, Life cycle)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a record is in its life. Overdue, void and the like are computed, never stored."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    REJECTED = "rejected", _("Rejected")
    APPROVED = "approved", _("Approved")
    RUNNING = "running", _("Running")
    ROLLING_BACK = "rolling_back", _("Rolling back")
    CLOSING = "closing", _("Closing")
    FINALIZED = "finalized", _("Finalized")
    CANCELLED = "cancelled", _("Cancelled")
    IMPORTED = "imported", _("Imported")


class Outcome(models.TextChoices):
    """How the operation went: the template's own four, the first while it is under way."""

    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Completed successfully")
    FAILED = "failed", _("Failed")
    ROLLED_BACK = "rolled_back", _("Rolled back")


class StepStatus(models.TextChoices):
    """What became of a step in the run."""

    TODO = "todo", _("To do")
    STARTED = "started", _("Started")
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Skipped")
    NOT_REACHED = "not_reached", _("Not reached")


EDITABLE = (State.DRAFT, State.CHANGES_REQUESTED)
UNDER_WAY = (State.RUNNING, State.ROLLING_BACK)
ENDED = (State.FINALIZED, State.REJECTED, State.CANCELLED, State.IMPORTED)
CLOSE_EDITABLE = (
    State.DRAFT,
    State.CHANGES_REQUESTED,
    State.IN_REVIEW,
    State.APPROVED,
    State.RUNNING,
    State.ROLLING_BACK,
    State.CLOSING,
)
OPEN_STEPS = (StepStatus.TODO, StepStatus.STARTED, StepStatus.NOT_REACHED)
