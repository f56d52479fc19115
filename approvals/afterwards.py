"""Recording afterwards: a single change that was done by hand, or while this site was down, before anybody approved it.

It goes from a draft straight to its closing, loudly marked. It never is, and never shows as, approved: a supervisor who
had no part in it ratifies it at the sign-off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.eligibility import need_for, signing_off
from approvals.refused import deciding
from approvals.standing import newest_revision
from approvals.submitting import settle_plan
from records import outbox
from records.content import freezing
from records.life_cycle import Act, check_state, move, repeated, said
from records.models import Check, Operation, Outcome, Person, Revision, Step, StepStatus
from records.outbox import Event, Message
from records.refusals import Incomplete, Refused, WrongOrder
from records.rights import may
from records.run.left_undone import undone_checks, undone_steps
from records.run.logbook import log
from records.run.running import forget_imported_ticks
from records.run.starting import conditions_in


@dataclass(frozen=True, slots=True)
class Happened:
    """What was done: when, why before an approval, which steps were done and which checks held (by key).

    ``left_out`` says why the other steps and checks were not.
    """

    started: dt.datetime
    ended: dt.datetime
    reason: str
    done: Collection[str]
    held: Collection[str]
    left_out: str = ""


def record_afterwards(
    operation: Operation, happened: Happened, *, by: Person, at: dt.datetime | None = None
) -> Revision:
    """Take a draft that tells of what was done already to its closing; its plan is frozen as it was recorded.

    Raises WrongOrder for a plan that was ever sent for review (that one has to be approved), Incomplete with what is
    missing or to be confirmed in the plan or with times that can't be, Refused if nobody could ratify it.
    """
    at = at or timezone.now()
    with deciding(Act.RECORD_AFTERWARDS, operation, by, at) as locked:
        may(by, locked, Act.RECORD_AFTERWARDS, on=at.date()).insist()
        newest = newest_revision(locked)
        if newest and repeated(locked, Act.RECORD_AFTERWARDS, by):
            return newest
        check_state(locked, Act.RECORD_AFTERWARDS)
        if locked.submitted_at or newest:
            raise WrongOrder(_("This plan was sent for review before: it has to be approved before it is done."))
        why = said(happened.reason)
        _check_times(happened, at)
        settle_plan(locked, by=by, at=at)
        asked = signing_off(locked, at.date())
        if not asked:
            raise Refused(_("Nobody could ratify this: it takes a supervisor who neither did nor wrote it."))
        rule = need_for(locked, locked.risk_level).stored()
        revision = freezing.freeze_revision(locked, by=by, at=at, rule=rule)
        if waiting := conditions_in(freezing.document_in(revision), locked.outline):
            words = _("%(label)s, which can't be “to confirm” any more")
            raise Incomplete([words % {"label": one["label"]} for one in waiting])
        _note_what_happened(locked, happened, at)
        columns: dict[str, Any] = {"submitted_at": at, "started_at": happened.started, "finished_at": happened.ended}
        columns |= {"outcome": Outcome.IN_PROGRESS, "afterwards_reason": why}
        facts: dict[str, Any] = {"revision": revision.number, "digest": revision.digest, "reason": why}
        facts |= {"started": happened.started.isoformat(), "ended": happened.ended.isoformat()}
        move(locked, Act.RECORD_AFTERWARDS, by=by, at=at, columns=columns, **facts)
        log(locked, Act.RECORD_AFTERWARDS, by=by, at=at, text=why)
        message = Message(Event.RECORDED_AFTERWARDS, _("It was done before anybody approved it. Look at it."), why)
        outbox.put(message, locked, to=[locked.supervisor, *asked], by=by, at=at)
        return revision


def _check_times(happened: Happened, at: dt.datetime) -> None:
    if happened.started > happened.ended:
        raise Incomplete([_("an end that comes after the start")])
    if happened.ended > at:
        raise Incomplete([_("an end that lies in the past")])


def _note_what_happened(operation: Operation, happened: Happened, at: dt.datetime) -> None:
    """The steps and checks as they went, under the name of who ran it. Their own times nobody noted."""
    forget_imported_ticks(operation)
    steps, checks = undone_steps(operation), undone_checks(operation)
    left_steps = [step for step in steps if step.key not in happened.done]
    left_checks = [check for check in checks if check.key not in happened.held]
    why = happened.left_out.strip()
    if (left_steps or left_checks) and not why:
        raise Incomplete([_("why %(what)s was left out") % {"what": one} for one in (*left_steps, *left_checks)])
    why = said(why) if left_steps or left_checks else ""
    runner = {"worked_by": operation.operator}
    own = Step.objects.filter(pk__in=[step.pk for step in steps])
    own.filter(key__in=happened.done).update(status=StepStatus.DONE, **runner)
    own.exclude(key__in=happened.done).update(status=StepStatus.NOT_REACHED, run_reason=why, **runner)
    ticks = Check.objects.filter(pk__in=[check.pk for check in checks])
    ticks.filter(key__in=happened.held).update(ticked=True, ticked_at=at, ticked_by=operation.operator)
    ticks.exclude(key__in=happened.held).update(unticked_because=why)
