"""Amending a finalized record: a dated addendum by its writers, signed off by another person. Its text never changes.

Each is one short transaction. Raises ``records.refusals`` and ``NotSigned``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.decisions import as_facts, decide
from approvals.eligibility import candidate_now, signing_off
from approvals.involvement import involved_in
from approvals.models import Decision
from approvals.refused import deciding
from approvals.rules import Candidate, Involved, may_sign_off
from approvals.signing import Signed, sign_again
from records import audit, outbox
from records.content.addenda import check_added, draw_addendum
from records.content.final_text import final_text_of
from records.decided import DecisionKind
from records.document.escape import normal
from records.life_cycle import Act, check_state, move, said
from records.models import Addendum, Operation, Person, Role
from records.outbox import Event, Message
from records.refusals import Changed, Incomplete, WrongOrder
from records.rights import may
from records.run.running import tell
from records.transfer.publication import put_publication

SIGN_OFF_ADDENDUM = "sign_off_addendum"
TURN_DOWN_ADDENDUM = "turn_down_addendum"
MOST_BYTES = 64 * 1024


def amend(operation: Operation, *, text: str, by: Person, at: dt.datetime | None = None) -> Addendum:
    """Add ``text``, Markdown of at most 64 KiB, to a finalized record. It waits until another person signs it off.

    The same text again while it waits is a second click.
    """
    at = at or timezone.now()
    with deciding(Act.AMEND, operation, by, at) as locked:
        may(by, locked, Act.AMEND, on=at.date()).insist()
        check_state(locked, Act.AMEND)
        words = normal(said(text, _("what to add")), "fence")
        if len(words.encode()) > MOST_BYTES:
            raise Incomplete([_("a text of at most 64 KiB; attach what is longer elsewhere and link it")])
        newest = locked.addenda.order_by("-number").first()
        if newest and newest.written_by_id == by.pk and bytes(newest.text) == words.encode() and _waits(newest):
            return newest
        addendum = draw_addendum(locked, final_text_of(locked), words, by=by, at=at)
        addendum.save(force_insert=True)
        move(locked, Act.AMEND, by=by, at=at, addendum=addendum.number, digest=addendum.digest)
        message = Message(Event.ADDENDUM_WRITTEN, _("Read the addendum, then sign it off or turn it down."))
        outbox.put(message, locked, to=signing_off(locked, at.date()), by=by, at=at)
    return addendum


def sign_off_addendum(
    operation: Operation, *, number: int, digest: str, password: str, by: Person, at: dt.datetime | None = None
) -> Decision:
    """Sign off the addendum whose ``digest`` was seen. Raises Refused to whoever wrote or ran any of the record."""
    at = at or timezone.now()
    signed = sign_again(by, password, act=SIGN_OFF_ADDENDUM, digest=digest, operation=operation, at=at)
    return _decide(
        operation, number, digest, DecisionKind.SIGN_OFF, act=SIGN_OFF_ADDENDUM, signed=signed, reason="", by=by, at=at
    )


def turn_down_addendum(
    operation: Operation, *, number: int, digest: str, reason: str, by: Person, at: dt.datetime | None = None
) -> Decision:
    """Refuse an addendum, for a reason: it stays to be seen, marked as turned down."""
    at = at or timezone.now()
    return _decide(
        operation, number, digest, DecisionKind.REJECT, act=TURN_DOWN_ADDENDUM, signed=None, reason=reason, by=by, at=at
    )


def _decide(
    operation: Operation,
    number: int,
    digest: str,
    kind: DecisionKind,
    *,
    act: str,
    signed: Signed | None,
    reason: str,
    by: Person,
    at: dt.datetime,
) -> Decision:
    with deciding(act, operation, by, at) as locked:
        addendum = locked.addenda.select_related("final_text", "operation").filter(number=number).first()
        if addendum is None:
            raise Http404
        person = candidate_now(by, at.date())
        may_sign_off(person, involved_with(addendum)).insist()
        if (known := addendum.decisions.first()) is not None:
            if (known.kind, known.person_id, known.digest, known.reason) == (kind, by.pk, digest, reason.strip()):
                return known
            names = {"person": known.person_name, "words": known.get_kind_display()}
            raise WrongOrder(_("Somebody was faster: %(person)s %(words)s it.") % names)
        if digest != addendum.digest:
            raise Changed(_("This is another addendum than you looked at. Read it again."), addendum.final_text)
        check_added(addendum)
        if signed:
            signed.redeem(by, act, addendum.digest)
        words = said(reason) if kind == DecisionKind.REJECT else ""
        decision = decide(kind, addendum, person, _role(person), at=at, reason=words)
        facts: dict[str, Any] = {"addendum": addendum.number, "digest": digest, **as_facts(decision)}
        audit.record(act, operation=locked, person=by, at=at, **facts)
        told = Event.ADDENDUM_SIGNED if kind == DecisionKind.SIGN_OFF else Event.ADDENDUM_TURNED_DOWN
        tell(locked, Message(told, _("See the addendum on the record's page."), words), by=by, at=at)
        if kind == DecisionKind.SIGN_OFF:
            put_publication(locked, event=told, at=at)
    return decision


def involved_with(addendum: Addendum) -> Involved:
    """Who wrote and ran the record, or wrote the addendum: none of them signs it off."""
    involved = involved_in(addendum.operation, with_run=True)
    return replace(involved, contributors=involved.contributors | {addendum.written_by_id})


def _waits(addendum: Addendum) -> bool:
    return not addendum.decisions.exists()


def _role(person: Candidate) -> str:
    return sorted(person.roles & {Role.SUPERVISOR.value, Role.DEVOPS_SUPERVISOR.value})[0]
