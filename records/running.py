"""The acts of the team on the run as a whole: start, call off, roll back, finish, reopen; each one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from records import outbox
from records.assembly import document_in_all, load_all
from records.decided import approvals_on
from records.document.outline import Document
from records.freezing import check_unchanged
from records.life_cycle import Act, acting, check_state, move, repeated, said
from records.models import (
    Check,
    LogEntry,
    Operation,
    Outcome,
    Person,
    Revision,
    RollbackTrigger,
    State,
    Step,
    StepStatus,
)
from records.outbox import Event, Message
from records.readiness import missing, path_of, to_be_confirmed
from records.refusals import Changed, Incomplete, WrongOrder
from records.rights import may
from records.starting import conditions_of, late_or_early


def start(operation: Operation, *, by: Person, digest: str | None = None, at: dt.datetime | None = None) -> None:
    """Begin the operation. ``digest`` is that of the revision which a page showed; who showed none passes None.

    Raises WrongOrder outside its window, Incomplete while conditions or open parts are due, Changed if the plan is
    not, byte for byte, the approved revision, or another revision than was shown.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.START, on=at.date()).insist()
        if repeated(locked, Act.START, by):
            return
        check_state(locked, Act.START)
        if not (right := late_or_early(locked, at)):
            raise WrongOrder(right.reason)
        revision = locked.revisions.select_related("operation").order_by("-number")[0]
        if digest is not None and digest != revision.digest:
            raise Changed(
                _("Another revision was approved meanwhile. Look at the plan again before you start."), revision
            )
        sections = load_all(locked)
        document = document_in_all(locked, sections)
        check_unchanged(locked, revision, document, sections)
        _check_ready(locked, document)
        # A tick that came in with an imported text is nobody's; the run begins with none.
        Check.objects.filter(section__operation=locked, ticked=True, ticked_by=None).update(ticked=False)
        columns = {"started_at": at, "outcome": Outcome.IN_PROGRESS, "start_allowed_until": None}
        move(locked, Act.START, by=by, at=at, columns=columns, revision=revision.number, digest=revision.digest)
        log(locked, Act.START, by=by, at=at)
        tell(locked, Message(Event.STARTED, _("The operation has started. Follow it on its page.")), by=by, at=at)


def _check_ready(operation: Operation, document: Document) -> None:
    lacking: list[object] = [one for one in conditions_of(operation) if not one.is_ticked]
    outline = operation.outline
    lacking += missing(document, outline, operation.risk_level, ("open",))
    # An open part is answered in the record itself; only what the plan left open is ticked with evidence.
    asked = outline.settings.asked if outline else None
    lacking += [one for one in to_be_confirmed(document, outline) if asked and asked(path_of(one.key)).part == "open"]
    if lacking:
        raise Incomplete(lacking)


def call_off(operation: Operation, *, reason: str, by: Person, at: dt.datetime | None = None) -> None:
    """Take the start back before the first step. Raises WrongOrder once anything was begun or ticked."""
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.CALL_OFF, on=at.date()).insist()
        if repeated(locked, Act.CALL_OFF, by):
            return
        check_state(locked, Act.CALL_OFF)
        begun = Step.objects.filter(section__operation=locked).exclude(status=StepStatus.TODO).exists()
        if begun or Check.objects.filter(section__operation=locked, ticked=True).exists():
            raise WrongOrder(_("The work has begun, so it can't be called off. Roll back, or finish the work."))
        why = said(reason)
        move(locked, Act.CALL_OFF, by=by, at=at, columns={"started_at": None, "outcome": ""}, reason=why)
        log(locked, Act.CALL_OFF, by=by, at=at, text=why)
        tell(locked, Message(Event.CALLED_OFF, _("The operation was called off."), why), by=by, at=at)


def roll_back(operation: Operation, *, trigger: str, sentence: str, by: Person, at: dt.datetime | None = None) -> None:
    """Take the way back. ``trigger`` is the key of one of the record's triggers, or a few words for another."""
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.ROLL_BACK, on=at.date()).insist()
        if repeated(locked, Act.ROLL_BACK, by):
            return
        check_state(locked, Act.ROLL_BACK)
        if not trigger.strip():
            raise Incomplete([_("which trigger")])
        row = RollbackTrigger.objects.filter(section__operation=locked, key=trigger).first()
        named = row.title if row else said(trigger)[:600]
        why = said(sentence)
        columns = {"rolled_back_at": at, "rollback_trigger": row.key if row else named, "rollback_reason": why}
        move(locked, Act.ROLL_BACK, by=by, at=at, columns=columns, trigger=named, reason=why)
        log(locked, Act.ROLL_BACK, by=by, at=at, text=f"{named}: {why}")
        message = Message(Event.ROLLBACK, _("The operation is being rolled back."), f"{named}: {why}")
        tell(locked, message, by=by, at=at)


def finish_work(operation: Operation, *, by: Person, not_reached: str = "", at: dt.datetime | None = None) -> None:
    """End the run. What is neither done nor skipped was not reached, for the reason ``not_reached``.

    Raises Incomplete, listing those steps and checks, if there are some and no reason is given.
    """
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.FINISH_WORK, on=at.date()).insist()
        if repeated(locked, Act.FINISH_WORK, by):
            return
        check_state(locked, Act.FINISH_WORK)
        steps, checks = undone_steps(locked), undone_checks(locked)
        if (steps or checks) and not not_reached.strip():
            raise Incomplete([*(step.title for step in steps), *(check.text for check in checks)])
        why = said(not_reached) if steps or checks else ""
        Step.objects.filter(pk__in=[step.pk for step in steps]).update(
            status=StepStatus.NOT_REACHED, run_reason=why, worked_by=by, ended_at=at
        )
        Check.objects.filter(pk__in=[check.pk for check in checks]).update(unticked_because=why)
        keys = [row.key for row in (*steps, *checks)]
        move(locked, Act.FINISH_WORK, by=by, at=at, columns={"finished_at": at}, not_reached=keys, reason=why)
        log(locked, Act.FINISH_WORK, by=by, at=at, text=why)
        tell(locked, Message(Event.WORK_FINISHED, _("The work has ended; the record is being closed.")), by=by, at=at)


def undone_steps(operation: Operation) -> list[Step]:
    """The steps that are neither done nor skipped; the procedures of the way back count once it was taken."""
    steps = Step.objects.filter(
        section__operation=operation, loose=False, status__in=(StepStatus.TODO, StepStatus.STARTED)
    )
    if operation.rolled_back_at is None:
        steps = steps.filter(phase__isnull=False)
    return list(steps.order_by("section__position", "phase__position", "position"))


def undone_checks(operation: Operation) -> list[Check]:
    """The checks that are not ticked and that nobody gave a reason for."""
    checks = Check.objects.filter(section__operation=operation, loose=False, ticked=False, unticked_because="")
    return list(checks.order_by("section__position", "position"))


def reopen_run(operation: Operation, *, evidence: str, by: Person, at: dt.datetime | None = None) -> None:
    """Send a closing record back to its run, since ``evidence`` is missing; a final text that was signed is void."""
    at = at or timezone.now()
    with acting(operation) as locked:
        may(by, locked, Act.REOPEN_RUN, on=at.date()).insist()
        if repeated(locked, Act.REOPEN_RUN, by):
            return
        check_state(locked, Act.REOPEN_RUN)
        why = said(evidence)
        to = State.ROLLING_BACK if locked.rolled_back_at else State.RUNNING
        columns = {"finished_at": None, "final_text": None, "outcome": Outcome.IN_PROGRESS}
        move(locked, Act.REOPEN_RUN, by=by, at=at, to=to, columns=columns, reason=why)
        log(locked, Act.REOPEN_RUN, by=by, at=at, text=why)
        tell(locked, Message(Event.REOPENED, _("Evidence is missing; add it and finish again."), why), by=by, at=at)


# ---------------------------------------------------------------- log and mail


def log(
    operation: Operation, kind: str, *, by: Person, at: dt.datetime, text: str = "", step_key: str = ""
) -> LogEntry:
    """A line in the log of the run."""
    return LogEntry.objects.create(operation=operation, at=at, person=by, kind=kind, text=text, step_key=step_key)


def tell(
    operation: Operation,
    message: Message,
    *,
    by: Person,
    at: dt.datetime,
    also: Iterable[Person] = (),
    newest: Revision | None = None,
) -> None:
    """Mail to those whom the run concerns: author, co-authors, operator, deputies, team, supervisor, approvers.

    ``newest`` is the newest revision, where the caller has it.
    """
    named = operation.named
    ids = {operation.author_id, operation.operator_id, operation.supervisor_id}
    approvers = approvals_on(newest or operation.revisions.order_by("-number").first())
    ids |= {one.person_id for one in approvers}
    people = Person.objects.filter(pk__in={pk for pk in ids if pk} | named.co_authors | named.deputies | named.team)
    outbox.put(message, operation, to=[*people, *also], by=by, at=at)
