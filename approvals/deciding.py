"""The approvers' acts: approve, ask for changes, reject, take the approval back. Each decision is on exact bytes.

Each is one short transaction: lock the record, compare the digest that was seen, check the right as it is now, add the
decision, move the record, write the audit entry and what must leave. Raises ``records.refusals``; ``approve`` also
``approvals.signing.NotSigned``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.decisions import as_facts, decide
from approvals.eligibility import capacities_now, need_for
from approvals.involvement import involved_in
from approvals.models import Decision
from approvals.refused import deciding
from approvals.rules import ApprovalNeed, Candidate, Involved, assigned, can_fill, in_sentence, may_decide, need_in
from approvals.sending import in_words, pending_of, pending_once_settled, send
from approvals.signing import sign_again
from approvals.standing import Standing, approvals_of, newest_revision, standing_of
from records.content.freezing import check_bytes
from records.content.frozen import hides
from records.decided import DecisionKind
from records.life_cycle import Act, check_state, move, repeated, said
from records.models import Operation, Person, Revision, State
from records.outbox import Event, Message
from records.overtaken import answered
from records.refusals import Changed, Incomplete, Refused, WrongOrder
from records.run.running import tell


def approve(
    operation: Operation,
    *,
    digest: str,
    password: str,
    by: Person,
    note: str = "",
    invisible_seen: bool = False,
    at: dt.datetime | None = None,
) -> Standing:
    """Approve exactly the revision whose ``digest`` was seen; signed again. The last one needed makes it approved.

    Raises Changed if that is no longer the revision in review, Refused with the reason, NotSigned for the password,
    WrongOrder while something that must be settled is open. Comments that the person had not sent yet go with it.
    Incomplete unless characters that nobody sees were acknowledged (``invisible_seen``), if the plan holds any.
    A second click by the same person counts once; one with other words, or with comments written since, says nothing.
    """
    at = at or timezone.now()
    signed = sign_again(by, password, act=Act.APPROVE, digest=digest, operation=operation, at=at)
    with deciding(Act.APPROVE, operation, by, at) as locked:
        revision, need, involved, people = _approver(locked, Act.APPROVE, by, at)
        decisions = approvals_of(locked)
        before = standing_of(locked, revision, decisions, involved)
        if before.counts(by) and digest == revision.digest:
            _check_said(before, locked, by, note)
            return before
        _check_seen(locked, Act.APPROVE, revision, digest)
        if any(one.person_id == by.pk and one.revision_id == revision.pk for one in decisions):
            raise Refused(_("You took your approval of this revision back. The author can submit the plan anew."))
        if hides(revision) and not invisible_seen:
            raise Incomplete([_("a look at the characters that nobody sees")])
        person, role = _place_for(need, before, people)
        comments = pending_once_settled(locked, by)
        send(comments, locked, by=by, at=at)
        signed.redeem(by, Act.APPROVE, revision.digest)
        decision = decide(DecisionKind.APPROVE, revision, person, role, at=at, reason=note.strip())
        after = standing_of(locked, revision, [*decisions, decision], involved)
        to = State.APPROVED if after.is_complete else State.IN_REVIEW
        facts: dict[str, Any] = {"revision": revision.number, "digest": digest, **as_facts(decision)}
        move(locked, Act.APPROVE, by=by, at=at, to=to, **facts)
        event = Event.APPROVED if after.is_complete else Event.SIGNED
        plan = revision if after.is_complete else None
        message = Message(event, after.words, in_words(comments, note.strip()), plan, called=person.name)
        approvers = [pk for _role, one in after.counted for pk in (one.person_id, one.acts_for_id) if pk]
        tell(locked, message, by=by, at=at, approvers=approvers)
        if not after.is_complete:  # the last one makes it approved, which overtakes what asked for a review
            answered(locked, by=by, at=at)
        return after


def ask_for_changes(
    operation: Operation, *, digest: str, reason: str, by: Person, at: dt.datetime | None = None
) -> Decision:
    """Send the plan back to its author, with what has to change. Approvals given so far are void."""
    return _send_back(operation, Act.ASK_FOR_CHANGES, DecisionKind.ASK_FOR_CHANGES, digest, reason, by, at)


def reject(operation: Operation, *, digest: str, reason: str, by: Person, at: dt.datetime | None = None) -> Decision:
    """End the record: this is not to be done."""
    return _send_back(operation, Act.REJECT, DecisionKind.REJECT, digest, reason, by, at)


def _send_back(
    operation: Operation, act: Act, kind: DecisionKind, digest: str, reason: str, by: Person, at: dt.datetime | None
) -> Decision:
    at = at or timezone.now()
    with deciding(act, operation, by, at) as locked:
        revision, need, _involved, (person, *_others) = _approver(locked, act, by, at)
        if repeated(locked, act, by, digest=digest, reason=reason.strip()):
            return revision.decisions.filter(kind=kind, person=by).order_by("-pk")[0]
        _check_seen(locked, act, revision, digest)
        why = said(reason)
        role = next(role for role in need.roles if can_fill(role, person, need))
        comments = pending_of(locked, by)
        send(comments, locked, by=by, at=at)
        decision = decide(kind, revision, person, role, at=at, reason=why)
        facts: dict[str, Any] = {"revision": revision.number, "digest": digest, **as_facts(decision)}
        move(locked, act, by=by, at=at, **facts)
        if act == Act.REJECT:
            event, todo = Event.REJECTED, _("The plan was rejected.")
        else:
            event, todo = Event.CHANGES_ASKED, _("Change the plan and send it for review again.")
        message = Message(event, todo, in_words(comments, why), called=person.name)
        tell(locked, message, by=by, at=at, newest=revision, also=_stood_in_for(decision))
        answered(locked, by=by, at=at)
        return decision


def take_back_approval(operation: Operation, *, reason: str, by: Person, at: dt.datetime | None = None) -> Decision:
    """Take one's own approval back before the start; the record is in review again."""
    at = at or timezone.now()
    with deciding(Act.TAKE_BACK, operation, by, at) as locked:
        revision = newest_revision(locked)
        decisions = approvals_of(locked)
        given = [one for one in decisions if revision and one.revision_id == revision.pk and one.person_id == by.pk]
        own = next((one for one in given if one.kind == DecisionKind.APPROVE), None)
        if own is None or revision is None:
            raise Refused(_("Only who gave an approval can take it back."))
        if repeated(locked, Act.TAKE_BACK, by, reason=reason.strip()):
            return next(one for one in given if one.kind == DecisionKind.TAKE_BACK)
        check_state(locked, Act.TAKE_BACK)
        why = said(reason)
        capacities = capacities_now(by, at.date())
        # As it was given; where who it was given for has ended that, in their own name.
        person = next((one for one in capacities if one.acts_for == own.acts_for_id), capacities[0])
        decision = decide(DecisionKind.TAKE_BACK, revision, person, own.role, at=at, reason=why)
        facts: dict[str, Any] = {"revision": revision.number, "digest": revision.digest, **as_facts(decision)}
        move(locked, Act.TAKE_BACK, by=by, at=at, columns={"start_allowed_until": None}, **facts)
        todo = _("An approval was taken back; it is in review again.")
        message = Message(Event.TAKEN_BACK, todo, why, called=person.name)
        tell(locked, message, by=by, at=at, also=_stood_in_for(decision))
        return decision


# ---------------------------------------------------------------- what they have in common


def _approver(
    operation: Operation, act: Act, by: Person, at: dt.datetime
) -> tuple[Revision, ApprovalNeed, Involved, list[Candidate]]:
    """What is decided on, under which rule, whom it bars, and the person as they are now, in each of their capacities.

    Those that the rule lets decide, themselves first. Refused if there is none.
    """
    revision = newest_revision(operation)
    need = need_in(bytes(revision.rule)) if revision else need_for(operation, operation.risk_level)
    involved = involved_in(operation)
    people = capacities_now(by, at.date())
    able = [one for one in people if may_decide(one, need, involved)]
    if not able:
        may_decide(people[0], need, involved).insist()
    if revision is None:
        check_state(operation, act)
        raise WrongOrder(_("Nothing was sent for review yet."))
    return revision, need, involved, able


def _stood_in_for(decision: Decision) -> list[Person]:
    """In whose place it was decided, who is told of it."""
    return [decision.acts_for] if decision.acts_for else []


def _check_seen(operation: Operation, act: Act, revision: Revision, digest: str) -> None:
    """Under the lock: the record is in review, and what was seen is what is in review, down to the stored bytes."""
    check_state(operation, act)
    check_bytes(revision)
    if digest != revision.digest:
        raise Changed(
            _("The plan was changed and submitted again: revision %s is in review now. Look at what changed.")
            % revision.number,
            revision,
        )


def _check_said(before: Standing, operation: Operation, by: Person, note: str) -> None:
    """Raises WrongOrder where ``by``, who approved it already, says more by now: none of that would be heard."""
    own = next(decision for _role, decision in before.counted if decision.person_id == by.pk)
    if own.reason != note.strip():
        raise WrongOrder(_("You approved this revision before, with other words. These were not sent: comment them."))
    if pending_of(operation, by):
        raise WrongOrder(_("You approved this revision before. What you wrote since was not sent: send it by itself."))


def _place_for(need: ApprovalNeed, before: Standing, people: Sequence[Candidate]) -> tuple[Candidate, str]:
    """In which capacity the approval adds something, and the role that it fills; Refused if it would add nothing."""
    signers = before.signers()
    for person in people:
        placed = assigned(need, [*signers, person])
        if len(placed) > len(signers):
            return person, next(need.roles[at] for at, one in placed.items() if one.pk == person.pk)
    names = _(" and ").join(in_sentence(role) for role in before.waiting_for)
    raise Refused(_("Your role has signed already; only this is still needed: %s.") % names)
