"""What is still open when the work ends: steps, witnesses, checks, validations, triggers that nobody looked at; and
leaving it out for a reason.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from records import audit
from records.models import Check, Operation, Person, RecoveryValidation, RollbackTrigger, Step, StepStatus
from records.run.emergency import in_the_run, plan_of
from records.run.logbook import NoteKind, log, of_this_run
from records.run.set_aside import is_left_aside
from records.run.unreached import unreached, unreached_words
from records.writing.readiness import is_set_aside

Undone = Step | Check | RecoveryValidation | RollbackTrigger


def left_undone(operation: Operation) -> list[Undone]:
    """All that needs a reason before the work can end."""
    steps = [*undone_steps(operation), *unwitnessed(operation)]
    return [*steps, *undone_checks(operation), *unwatched(operation)]


def undone_steps(operation: Operation) -> list[Step]:
    """The steps that are neither done nor skipped; the procedures of the way back count once it was taken."""
    steps = Step.in_run.filter(
        section__operation=operation, loose=False, written_as="", status__in=(StepStatus.TODO, StepStatus.STARTED)
    )
    if operation.rolled_back_at is None:
        # What was added where there is no phase stands in none, and is worked all the same.
        steps = steps.filter(Q(phase__isnull=False) | Q(unplanned=True, plan__isnull=True))
    found = steps.order_by("section__position", "phase__position", "position")
    return [step for step in in_the_run(operation, found) if not is_left_aside(step)]


def unwitnessed(operation: Operation) -> list[Step]:
    """The steps that are done, ask for a witness and had none."""
    of: dict[str, Any] = {"section__operation": operation, "loose": False, "status": StepStatus.DONE, "run_reason": ""}
    steps = Step.objects.filter(**of, witness=True, witnessed_by=None)
    return list(steps.order_by("section__position", "phase__position", "position"))


def undone_checks(operation: Operation) -> list[Check | RecoveryValidation]:
    """The checks that are not ticked, that nobody gave a reason for, and that aren't observed for longer; once the
    way back was taken, its validations count too.
    """
    return [one for one in _open_checks(operation) if one.observe_until is None]


def unwatched(operation: Operation) -> list[RollbackTrigger]:
    """The rollback triggers that nobody looked at since the start; none once the way back was taken."""
    if operation.rolled_back_at is not None:
        return []
    seen = of_this_run(operation.log.filter(step_key=OuterRef("key")))
    triggers = RollbackTrigger.objects.filter(~Exists(seen), section__operation=operation, loose=False)
    found = triggers.order_by("section__position", "position")
    return [one for one in in_the_run(operation, found) if not is_set_aside(one)]


def observed_checks(operation: Operation) -> list[Check | RecoveryValidation]:
    """The checks that are observed for longer than the work took, and of which nobody said yet how they turned out."""
    return [one for one in _open_checks(operation) if one.observe_until is not None]


def _open_checks(operation: Operation) -> list[Check | RecoveryValidation]:
    of: dict[str, Any] = {"section__operation": operation, "loose": False, "ticked": False, "unticked_because": ""}
    found: list[Check | RecoveryValidation] = [*Check.objects.filter(**of).order_by("section__position", "position")]
    if operation.rolled_back_at is not None:
        found += RecoveryValidation.objects.filter(**of).order_by("section__position", "position")
    return [one for one in in_the_run(operation, found) if not is_set_aside(one)]


def left_behind(operation: Operation) -> tuple[frozenset[str], str]:
    """What the way back left behind, by key, and why nobody came to it; nothing while it wasn't taken."""
    revision = operation.revisions.order_by("-number").first()
    if operation.rolled_back_at is None or revision is None:
        return frozenset(), ""
    plan = plan_of(operation, revision)
    rows = {step.key: step for step in Step.in_run.filter(section__operation=operation, loose=False)}
    return unreached(plan, rows), unreached_words(plan, rows, operation.rolled_back_at)


def pass_by(row: Undone, words: str) -> None:
    """A step or check that nobody came to: it has no time and no name, but the reason that is known."""
    if isinstance(row, Step):
        row.status, row.run_reason = StepStatus.NOT_REACHED, words
        row.save(update_fields=["status", "run_reason"])
    elif isinstance(row, Check):
        row.unticked_because = words
        row.save(update_fields=["unticked_because"])


def leave_out(operation: Operation, row: Undone, own: str, rest: str, *, by: Person, at: dt.datetime) -> None:
    """Leave a step or check out: skipped for its ``own`` reason, or where it was begun; else not reached because of the
    ``rest``'s.

    A step that was done without its witness stays done; the reason stands beside it. That nobody looked at a trigger is
    noted, and is no deviation: the plan says when to go back, not when to look.
    """
    reason = own or rest
    if isinstance(row, Step) and row.status == StepStatus.DONE:
        row.run_reason = _("No witness: %(reason)s") % {"reason": reason}
        row.save(update_fields=["run_reason"])
        act, words = str(NoteKind.DEVIATION), row.run_reason
    elif isinstance(row, RollbackTrigger):
        act, words = str(NoteKind.NOTE), _("nobody looked at it: %(reason)s") % {"reason": reason}
    elif isinstance(row, Step):
        was_left = bool(own) or row.status == StepStatus.STARTED
        row.status, row.run_reason = (StepStatus.SKIPPED if was_left else StepStatus.NOT_REACHED), reason
        row.worked_by, row.ended_at = by, at
        row.save(update_fields=["status", "run_reason", "worked_by", "ended_at"])
        act, words = ("skip_step", reason) if was_left else ("", "")
    else:
        row.unticked_because = reason
        row.save(update_fields=["unticked_because"])
        act, words = ("skip_check", f"{row}: {own}") if own else ("", "")
    if act:
        log(operation, act, by=by, at=at, text=words, step_key=row.key)
        audit.record(act, operation=operation, person=by, at=at, row=row.key, reason=reason)
