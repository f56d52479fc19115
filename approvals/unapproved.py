"""What was done before anybody approved it: how its steps went, and that somebody who had no part in it ratifies it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from approvals.decisions import as_facts, decide
from approvals.models import Decision
from approvals.rules import Candidate
from approvals.standing import newest_revision
from records import audit
from records.content import freezing
from records.decided import DecisionKind
from records.life_cycle import said
from records.models import Check, Operation, Person, RecoveryValidation, Revision, Step, StepStatus
from records.refusals import Incomplete
from records.run.left_undone import undone_checks, undone_steps
from records.run.starting import conditions_in


def note_what_happened(
    operation: Operation, *, done: Collection[str], held: Collection[str], left_out: str, at: dt.datetime
) -> None:
    """The steps and checks as they went, under the name of who ran it. Their own times nobody noted.

    Those of ``done`` and ``held``, by key; the others were left out because of ``left_out``, or Incomplete.
    """
    steps, checks = undone_steps(operation), undone_checks(operation)
    left_steps = [step for step in steps if step.key not in done]
    left_checks = [check for check in checks if check.key not in held]
    if (left_steps or left_checks) and not left_out.strip():
        raise Incomplete([_("why %(what)s was left out") % {"what": one} for one in (*left_steps, *left_checks)])
    why = said(left_out) if left_steps or left_checks else ""
    runner = {"worked_by": operation.operator}
    own = Step.in_run.filter(pk__in=[step.pk for step in steps])
    own.filter(key__in=done).update(status=StepStatus.DONE, **runner)
    own.exclude(key__in=done).update(status=StepStatus.NOT_REACHED, run_reason=why, **runner)
    for model in (Check, RecoveryValidation):
        ticks = model._default_manager.filter(pk__in=[check.pk for check in checks if isinstance(check, model)])
        ticks.filter(key__in=held).update(ticked=True, ticked_at=at, ticked_by=operation.operator)
        ticks.exclude(key__in=held).update(unticked_because=why)


def refuse_to_be_confirmed(operation: Operation, revision: Revision) -> None:
    """Raises Incomplete for answers of ``revision`` that were still to be confirmed: it has been done by now."""
    if waiting := conditions_in(freezing.document_in(revision), operation.outline):
        words = _("%(label)s, which can't be “to confirm” any more")
        raise Incomplete([words % {"label": one["label"]} for one in waiting])


def ratify(operation: Operation, person: Candidate, role: str, *, note: str, by: Person, at: dt.datetime) -> None:
    """A decision of its own, bound to the plan's bytes, on what nobody approved beforehand. Part of the sign-off.

    Nothing for a record that was approved. Raises Incomplete unless ``note`` says why it was right.
    """
    revision = newest_revision(operation)
    if not operation.was_unapproved or revision is None:
        return
    if not note.strip():
        raise Incomplete([_("why it was right to do it before anybody approved it")])
    freezing.check_bytes(revision)
    decision: Decision = decide(DecisionKind.RATIFY, revision, person, role, at=at, reason=said(note))
    facts: dict[str, Any] = {"revision": revision.number, "digest": revision.digest, **as_facts(decision)}
    audit.record("ratify", operation=operation, person=by, at=at, **facts)
