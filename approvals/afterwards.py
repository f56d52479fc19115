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
from approvals.unapproved import note_what_happened, refuse_to_be_confirmed
from records import outbox
from records.content import freezing
from records.life_cycle import Act, check_state, move, repeated, said
from records.models import Operation, Outcome, Person, Revision
from records.outbox import Event, Message
from records.refusals import Incomplete, Refused, WrongOrder
from records.rights import may
from records.run.clean_start import forget_imported_ticks
from records.run.logbook import log


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
        meant = {"reason": happened.reason.strip(), "left_out": happened.left_out.strip()}
        meant |= {"started": happened.started.isoformat(), "ended": happened.ended.isoformat()}
        if newest and repeated(locked, Act.RECORD_AFTERWARDS, by, **meant):
            return newest
        check_state(locked, Act.RECORD_AFTERWARDS)
        if locked.submitted_at or newest:
            raise WrongOrder(_("This plan was sent for review before: it has to be approved before it is done."))
        why = said(happened.reason)
        _check_times(happened, at)
        sections = settle_plan(locked, by=by, at=at)
        asked = signing_off(locked, at.date())
        if not asked:
            raise Refused(_("Nobody could ratify this: it takes a supervisor who neither did nor wrote it."))
        rule = need_for(locked, locked.risk_level).stored()
        revision = freezing.freeze_revision(locked, sections, by=by, at=at, rule=rule)
        refuse_to_be_confirmed(locked, revision)
        forget_imported_ticks(locked)
        note_what_happened(locked, done=happened.done, held=happened.held, left_out=happened.left_out, at=at)
        columns: dict[str, Any] = {"submitted_at": at, "started_at": happened.started, "finished_at": happened.ended}
        columns |= {"outcome": Outcome.IN_PROGRESS, "afterwards_reason": why}
        facts: dict[str, Any] = {"revision": revision.number, "digest": revision.digest, **meant}
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
