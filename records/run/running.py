"""The acts of the team on the run as a whole: start, call off, roll back, finish, reopen; each one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from records import outbox
from records.content.assembly import document_in_all, load_all
from records.content.columns import apply_facts
from records.content.facts import facts_of
from records.content.freezing import check_unchanged
from records.decided import approvals_on, deciding
from records.document.outline import Document
from records.life_cycle import Act, acting, check_state, move, repeated, said
from records.models import (
    Operation,
    Outcome,
    Person,
    Revision,
    RollbackTrigger,
    State,
)
from records.outbox import Event, Message
from records.refusals import Changed, Incomplete, WrongOrder
from records.rights import may
from records.run.clean_start import NOTHING_RUN, begin_clean
from records.run.emergency import refuse_in_emergency
from records.run.left_undone import leave_out, left_behind, left_undone, pass_by
from records.run.logbook import BEGUN, log, moment_of, of_this_run
from records.run.starting import allowed_start, conditions_of, in_window, no_hard_freeze, refuse_another, unticked
from records.run.stops import given_up
from records.writing.readiness import due_before_start


def start(operation: Operation, *, by: Person, digest: str | None = None, at: dt.datetime | None = None) -> None:
    """Begin the operation. ``digest`` is that of the revision which a page showed; who showed none passes None.

    Raises WrongOrder outside its window or in a hard freeze, Incomplete while conditions or open parts are due, Changed
    if the plan is not, byte for byte, the approved revision, or another revision than was shown, or if its approvals
    don't suffice.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.START, on=at.date()).insist()
        if repeated(locked, Act.START, by):
            return
        check_state(locked, Act.START)
        revision = locked.revisions.select_related("operation").order_by("-number").first()
        if revision is None:
            raise WrongOrder(_("Nothing was sent for review yet."))
        refuse_another(revision, digest)
        if not deciding().is_approved(locked):
            raise Changed(_("The approvals of this plan are no longer complete."), revision)
        sections = load_all(locked)
        document = document_in_all(locked, sections)
        check_unchanged(locked, revision, document, sections)
        # The window that was approved: columns are for lists, and a script may have written them.
        apply_facts(locked, facts_of(document, locked.outline), locked.outline, title_only=True)
        if not (right := in_window(locked, at)) and not allowed_start(locked, at):
            raise WrongOrder(right.reason)
        if not (right := no_hard_freeze(locked, at)):
            raise WrongOrder(right.reason)
        _check_ready(locked, document)
        begin_clean(locked)
        columns = {**NOTHING_RUN, "started_at": at, "outcome": Outcome.IN_PROGRESS, "start_allowed_until": None}
        move(locked, Act.START, by=by, at=at, columns=columns, revision=revision.number, digest=revision.digest)
        log(locked, Act.START, by=by, at=at)
        tell(locked, Message(Event.STARTED, _("The operation has started. Follow it on its page.")), by=by, at=at)


def _check_ready(operation: Operation, document: Document) -> None:
    lacking: list[object] = list(unticked(operation))
    known = {one.key for one in conditions_of(operation)}
    lacking += due_before_start(document, operation.outline, operation.risk_level, known)
    if lacking:
        raise Incomplete(lacking)


def call_off(operation: Operation, *, reason: str, by: Person, at: dt.datetime | None = None) -> None:
    """Take the start back before the first step. Raises WrongOrder once anything was begun, ticked or measured, also
    where all of it was taken back: the work was.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.CALL_OFF, on=at.date()).insist()
        if repeated(locked, Act.CALL_OFF, by, reason=reason.strip()):
            return
        check_state(locked, Act.CALL_OFF)
        why = said(reason)
        refuse_in_emergency(locked, _("Nobody approved it, so there is no plan to go back to. Finish the work."))
        if of_this_run(locked.log.filter(kind__in=BEGUN)).exists():
            raise WrongOrder(_("The work has begun, so it can't be called off. Roll back, or finish the work."))
        # Whoever took over has nothing in charge any more: the next plan may name others.
        columns = {"started_at": None, "outcome": "", "in_charge": None}
        move(locked, Act.CALL_OFF, by=by, at=at, columns=columns, reason=why)
        log(locked, Act.CALL_OFF, by=by, at=at, text=why)
        tell(locked, Message(Event.CALLED_OFF, _("The operation was called off."), why), by=by, at=at)


def roll_back(
    operation: Operation,
    *,
    trigger: str,
    sentence: str,
    by: Person,
    happened: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> None:
    """Take the way back. ``trigger`` is the key of one of the record's triggers, or a few words for another;
    ``happened`` is when it was decided, if not now.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.ROLL_BACK, on=at.date()).insist()
        row = RollbackTrigger.objects.filter(section__operation=locked, key=trigger).first()
        named = row.title if row else trigger.strip()[:600]
        if repeated(locked, Act.ROLL_BACK, by, trigger=named, reason=sentence.strip()):
            return
        check_state(locked, Act.ROLL_BACK)
        why = said(sentence)
        if not trigger.strip():
            raise Incomplete([_("which trigger")])
        if row is None:
            said(trigger)
        since = moment_of(locked, happened, at)
        columns = {"rolled_back_at": since, "rollback_trigger": row.key if row else named, "rollback_reason": why}
        move(locked, Act.ROLL_BACK, by=by, at=at, columns=columns, trigger=named, reason=why)
        log(locked, Act.ROLL_BACK, by=by, at=at, happened=happened, text=f"{named}: {why}")
        message = Message(Event.ROLLBACK, _("The operation is being rolled back."), f"{named}: {why}")
        tell(locked, message, by=by, at=at)


def finish_work(
    operation: Operation,
    *,
    by: Person,
    not_reached: str = "",
    reasons: Mapping[str, str] | None = None,
    at: dt.datetime | None = None,
) -> None:
    """End the run. What is still open was left out for its own reason in ``reasons`` (by the key of the step, check,
    validation or trigger); the others were not reached, because of ``not_reached``. What nobody came to since the way
    back was taken is known, and asks for no reason.

    Raises Incomplete, listing those without any reason.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.FINISH_WORK, on=at.date()).insist()
        own = {key: said(reason) for key, reason in (reasons or {}).items() if reason.strip()}
        rest = said(not_reached) if not_reached.strip() else ""
        told = {"reasons": own, "for_the_rest": rest}
        if repeated(locked, Act.FINISH_WORK, by, **told):
            return
        check_state(locked, Act.FINISH_WORK)
        rows, (behind, known) = left_undone(locked), left_behind(locked)
        passed = [row for row in rows if row.key in behind and row.key not in own]
        asked = [row for row in rows if row not in passed]
        if lacking := [row for row in asked if not (rest or row.key in own)]:
            raise Incomplete([_("a reason for “%s”, which is left open") % row for row in lacking])
        for row in passed:
            pass_by(row, known)
        for row in asked:
            leave_out(locked, row, own.get(row.key, ""), rest, by=by, at=at)
        keys = [row.key for row in rows if row.key not in own]
        left = any(row.key not in own for row in asked)
        why = "; ".join([*([known] if passed else []), *([rest] if left else [])])
        facts: dict[str, Any] = {"not_reached": keys, "reason": why, **told}
        move(locked, Act.FINISH_WORK, by=by, at=at, columns={"finished_at": at, "stops": given_up(locked, at)}, **facts)
        log(locked, Act.FINISH_WORK, by=by, at=at, text=why)
        tell(locked, Message(Event.WORK_FINISHED, _("The work has ended; the record is being closed.")), by=by, at=at)


def reopen_run(operation: Operation, *, evidence: str, by: Person, at: dt.datetime | None = None) -> None:
    """Send a closing record back to its run, since ``evidence`` is missing; a final text that was signed is void.

    What was recorded afterwards has no run here: it stays in closing, to be signed anew.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.REOPEN_RUN, on=at.date()).insist()
        if repeated(locked, Act.REOPEN_RUN, by, reason=evidence.strip()):
            return
        check_state(locked, Act.REOPEN_RUN)
        why = said(evidence)
        to = State.ROLLING_BACK if locked.rolled_back_at else State.RUNNING
        columns: dict[str, Any] = {"final_text": None, "outcome": Outcome.IN_PROGRESS, "review_on": None}
        if locked.afterwards_reason:
            to = State.CLOSING
        else:
            columns["finished_at"] = None
        move(locked, Act.REOPEN_RUN, by=by, at=at, to=to, columns=columns, reason=why)
        log(locked, Act.REOPEN_RUN, by=by, at=at, text=why)
        tell(locked, Message(Event.REOPENED, _("Evidence is missing; add it and finish again."), why), by=by, at=at)


def tell(
    operation: Operation,
    message: Message,
    *,
    by: Person,
    at: dt.datetime,
    also: Iterable[Person] = (),
    newest: Revision | None = None,
    approvers: Iterable[int] | None = None,
) -> None:
    """Mail to those whom the run concerns: author, co-authors, operator, deputies, team, supervisor, approvers.

    ``newest`` is the newest revision, ``approvers`` the ids of those who approved it, where the caller has them.
    """
    named = operation.named
    ids = {operation.author_id, operation.operator_id, operation.supervisor_id}
    if approvers is None:
        found = approvals_on(newest or operation.revisions.order_by("-number").first())
        approvers = [one.person_id for one in found]
    ids |= set(approvers)
    people = Person.objects.filter(pk__in={pk for pk in ids if pk} | named.co_authors | named.deputies | named.team)
    outbox.put(message, operation, to=[*people, *also], by=by, at=at)
