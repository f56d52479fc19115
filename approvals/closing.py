"""The two signatures that end a record: the operator's over the final text, and another person's sign-off.

Each is one short transaction, signed again, on exact bytes. Raises ``records.refusals`` and ``NotSigned``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.decisions import as_facts, decide
from approvals.eligibility import candidate_now, signing_off
from approvals.involvement import involved_in
from approvals.models import Decision
from approvals.refused import deciding
from approvals.rules import in_sentence, may_sign_off
from approvals.signing import sign_again
from approvals.standing import Standing, standing
from approvals.unapproved import ratify
from records import outbox
from records.content import final_text
from records.content.assembly import Loaded, document_in_all, load_all
from records.content.final_text import Drawn, Ending, Signature, unsigned_in, words_of
from records.decided import DecisionKind
from records.document.digest import sha256
from records.life_cycle import Act, check_state, move
from records.models import Check, FinalText, Operation, Outcome, Person, RecoveryValidation, Role
from records.models.row import Ticked
from records.outbox import Event, Message
from records.refusals import Changed, Incomplete
from records.rights import may
from records.run.running import tell
from records.run.signed_run import run_digest
from records.transfer.publication import put_publication
from records.writing.readiness import Missing, missing


def sign_as_operator(
    operation: Operation,
    *,
    outcome: str,
    completed_at: dt.datetime,
    digest: str,
    password: str,
    by: Person,
    words: str = "",
    review_on: dt.date | None = None,
    at: dt.datetime | None = None,
) -> FinalText:
    """Freeze the whole record as the final text whose ``digest`` was shown (``final_text_shown``), and sign it.

    Raises Incomplete with what is missing of the open and close parts and the checks that are still observed, Changed
    if the plan is not what was approved or if the text is another one by now.
    """
    at = at or timezone.now()
    signed = sign_again(by, password, act=Act.SIGN_AS_OPERATOR, digest=digest, operation=operation, at=at)
    with deciding(Act.SIGN_AS_OPERATOR, operation, by, at) as locked:
        may(by, locked, Act.SIGN_AS_OPERATOR, on=at.date()).insist()
        check_state(locked, Act.SIGN_AS_OPERATOR)
        if locked.final_text:
            _check_seen(locked.final_text, digest)
            return locked.final_text
        drawn = final_text_shown(locked, outcome=outcome, words=words, completed_at=completed_at, review_on=review_on)
        _check_seen(drawn, digest)
        signed.redeem(by, Act.SIGN_AS_OPERATOR, drawn.digest)
        final = final_text.freeze_final_text(locked, drawn, by=by, at=at)
        decision = decide(DecisionKind.SIGN, final, candidate_now(by, at.date()), Role.OPERATOR, at=at)
        columns: dict[str, Any] = {"final_text": final, "outcome": outcome, "review_on": drawn.review_on}
        facts: dict[str, Any] = {"final_text": final.number, "digest": digest, "outcome": outcome}
        facts |= {"content": sha256(bytes(final.content)), "run": run_digest(locked)}
        facts |= as_facts(decision)
        move(locked, Act.SIGN_AS_OPERATOR, by=by, at=at, columns=columns, **facts)
        message = Message(Event.SIGN_OFF_ASKED, _("Compare plan and actual, then sign it off."))
        outbox.put(message, locked, to=signing_off(locked, at.date()), by=by, at=at)
        return final


def _check_seen(final: FinalText | Drawn, digest: str) -> None:
    if digest != final.digest:
        raise Changed(_("The record changed since its final text was shown. Read it again."), None)


def final_text_shown(
    operation: Operation,
    *,
    outcome: str,
    completed_at: dt.datetime,
    words: str = "",
    review_on: dt.date | None = None,
) -> Drawn:
    """The final text as ``sign_as_operator`` would freeze it now; nothing is written or locked. Raises as that does.

    ``review_on`` is the day of the next review, for the template's line of it; without one what is written there stays.
    ``words`` are the template's for the outcome, by default the first that it has.
    """
    chosen = _outcome(operation, outcome)
    if words and words not in words_of(chosen, operation.outline.settings if operation.outline else None):
        raise Incomplete([_("a word that the template has for this outcome")])
    sections = load_all(operation)
    document = document_in_all(operation, sections)
    if operation.owes_plan:
        raise Incomplete([_("the rest of the plan, which nobody approved")])
    lacking: list[object] = list(missing(document, operation.outline, operation.risk_level, ("open", "close")))
    line = operation.outline.bound("review") if operation.outline else None
    if line and review_on:
        lacking = [one for one in lacking if not (isinstance(one, Missing) and one.key == line.key)]
    if lacking := [*lacking, *_observed(operation, sections)]:
        raise Incomplete(lacking)
    now = standing(operation)
    if now.revision is None or not (now.is_complete or now.unapproved):
        raise Changed(_("The approvals of this plan are no longer complete."), now.revision)
    unsigned = unsigned_in(operation)
    ending = Ending(chosen, completed_at, now.revision, signatures_in(now), unsigned, review_on, words)
    return final_text.draw_final_text(operation, sections, ending)


def _observed(operation: Operation, sections: Iterable[Loaded]) -> list[Ticked]:
    """As ``observed_checks``, of rows that are loaded."""
    kinds = (Check, RecoveryValidation) if operation.rolled_back_at else (Check,)
    rows = (row for own in sections for row in own.rows.values() if isinstance(row, kinds) and not row.loose)
    return [row for row in rows if row.is_observed]


def _outcome(operation: Operation, outcome: str) -> Outcome:
    if outcome not in Outcome.values or outcome == Outcome.IN_PROGRESS:
        raise Incomplete([_("the outcome")])
    if operation.rolled_back_at and outcome == Outcome.COMPLETED:
        raise Incomplete([_("an outcome that says it was rolled back, or failed")])
    if not operation.rolled_back_at and outcome == Outcome.ROLLED_BACK:
        raise Incomplete([_("an outcome that says it was not rolled back")])
    return Outcome(outcome)


def signatures_in(now: Standing) -> list[Signature]:
    """The approvals that count, as the record names them."""
    assert now.revision is not None
    return [
        Signature(role, in_sentence(role), one.person_name, one.at, now.revision.number, one.digest)
        for role, one in now.counted
    ]


def sign_off(
    operation: Operation,
    *,
    digest: str,
    actual_seen: bool,
    password: str,
    by: Person,
    note: str = "",
    number: int | None = None,
    at: dt.datetime | None = None,
) -> Decision:
    """Sign off the final text whose ``digest`` was seen, having compared plan and actual; the record is finalized.

    ``number`` is that of the text which a page showed beside the actual: opened and signed again, the same bytes may
    stand beside another one. Who showed none passes None. What nobody approved beforehand is ratified with it, for the
    reason in ``note``. Raises Changed for another text, or where what is stored is not it, Refused to whoever ran or
    wrote any of it, WrongOrder before the operator signed.
    """
    at = at or timezone.now()
    signed = sign_again(by, password, act=Act.SIGN_OFF, digest=digest, operation=operation, at=at)
    with deciding(Act.SIGN_OFF, operation, by, at) as locked:
        person = candidate_now(by, at.date())
        may_sign_off(person, involved_in(locked, with_run=True)).insist()
        final = locked.final_text
        own = final.decisions.filter(kind=DecisionKind.SIGN_OFF, person=by).first() if final else None
        if own and (own.digest, own.reason) == (digest, note.strip()):
            return own
        check_state(locked, Act.SIGN_OFF)
        final = final_text.final_text_of(locked)
        if digest != final.digest or number not in (None, final.number):
            raise Changed(_("Another text was signed meanwhile. Look at it again."), final)
        final_text.check_signed(final)
        if not actual_seen:
            raise Incomplete([_("a look at plan against actual")])
        signed.redeem(by, Act.SIGN_OFF, final.digest)
        role = sorted(person.roles & {Role.SUPERVISOR.value, Role.DEVOPS_SUPERVISOR.value})[0]
        ratify(locked, person, role, note=note, by=by, at=at)
        decision = decide(DecisionKind.SIGN_OFF, final, person, role, at=at, reason=note.strip())
        facts: dict[str, Any] = {"final_text": final.number, "digest": digest, **as_facts(decision)}
        move(locked, Act.SIGN_OFF, by=by, at=at, **facts)
        tell(locked, Message(Event.FINALIZED, _("The record is finalized."), note.strip()), by=by, at=at)
        put_publication(locked, at=at)
        return decision
