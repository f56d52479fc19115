"""Where a record stands with its approvals: what was signed, void or taken back, and who is still needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.decisions import signer
from approvals.involvement import involved_in
from approvals.models import Decision
from approvals.rules import ApprovalNeed, Candidate, Involved, assigned, may_decide, need_in, unfilled, with_article
from records.composed import Asked, Kept
from records.decided import DecisionKind
from records.models import Operation, Person, Revision, State
from records.run.emergency import unapproved_words

# In these states the newest revision is the plan; in all others approvals of it are void.
COUNTING = (
    State.IN_REVIEW,
    State.APPROVED,
    State.RUNNING,
    State.ROLLING_BACK,
    State.CLOSING,
    State.FINALIZED,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """The approvals of a record: those that count on its newest revision, and those that don't any more.

    ``counted`` pairs each filled role with its decision; ``waiting_for`` are the roles still to be filled.
    ``unapproved`` says of what was done before: nobody approved it, and nobody will.
    """

    revision: Revision | None = None
    need: ApprovalNeed | None = None
    counted: tuple[tuple[str, Decision], ...] = ()
    void: tuple[Decision, ...] = ()
    taken_back: tuple[Decision, ...] = ()
    waiting_for: tuple[str, ...] = ()
    unapproved: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether every required role is filled by a different person."""
        return self.need is not None and not self.waiting_for and not self.unapproved

    def counts(self, person: Person) -> bool:
        """Whether an approval by ``person`` counts."""
        return any(decision.person_id == person.pk for _role, decision in self.counted)

    def signers(self) -> list[Candidate]:
        """Whose approvals count, with the roles they held then."""
        return [signer(decision) for _role, decision in self.counted]

    @property
    def words(self) -> str:
        """ "1 of 2 signed, waiting for an infrastructure approver"."""
        if self.unapproved:
            return self.unapproved
        if self.need is None:
            return ""
        total = len(self.need.roles)
        told = ngettext("%(signed)s of %(total)s signed", "%(signed)s of %(total)s signed", total)
        text = told % {"signed": len(self.counted), "total": total}
        if not self.waiting_for:
            return text
        names = _(" and ").join(with_article(role) for role in self.waiting_for)
        return _("%(signed)s, waiting for %(roles)s") % {"signed": text, "roles": names}


def newest_revision(operation: Operation) -> Revision | None:
    """The newest revision; None before the first submission."""
    revision = _newest.first(operation=operation.pk)
    if revision:
        revision.operation = operation
    return revision


_newest = Kept(lambda: Revision.objects.filter(operation=Asked("operation")).order_by("-number")[:1])


def standing(operation: Operation) -> Standing:
    """Where the record stands, computed from its decisions: nothing of it is stored."""
    revision = newest_revision(operation)
    if revision is None:
        return Standing()
    return standing_of(operation, revision, approvals_of(operation), involved_in(operation))


def approvals_of(operation: Operation) -> list[Decision]:
    """Every approval of any revision, and every one taken back, oldest first."""
    return _approvals(operation=operation.pk)


_approvals = Kept(
    lambda: (
        Decision.objects.filter(
            revision__operation=Asked("operation"), kind__in=(DecisionKind.APPROVE, DecisionKind.TAKE_BACK)
        )
        .select_related("person")
        .order_by("pk")
    )
)


def standing_of(
    operation: Operation, revision: Revision, decisions: Sequence[Decision], involved: Involved
) -> Standing:
    """The standing that ``decisions`` (approvals and take-backs of any revision) give."""
    need = need_in(bytes(revision.rule))
    approvals = [decision for decision in decisions if decision.kind == DecisionKind.APPROVE]
    back = {(one.person_id, one.revision_id) for one in decisions if one.kind == DecisionKind.TAKE_BACK}
    taken_back = [one for one in approvals if (one.person_id, one.revision_id) in back]
    counting = [
        one
        for one in approvals
        if one not in taken_back and operation.state in COUNTING and _counts(one, revision, need, involved)
    ]
    placed = assigned(need, [signer(one) for one in counting])
    by_person = {one.person_id: one for one in counting}
    counted = tuple((need.roles[at], by_person[placed[at].pk]) for at in sorted(placed))
    held = {decision.pk for _role, decision in counted}
    void = tuple(one for one in approvals if one.pk not in held and one not in taken_back)
    waiting = tuple(unfilled(need, placed))
    return Standing(revision, need, counted, void, tuple(taken_back), waiting, unapproved_words(operation))


def _counts(decision: Decision, revision: Revision, need: ApprovalNeed, involved: Involved) -> bool:
    """Whether an approval is of these very bytes, by somebody who may (still) approve them."""
    if decision.revision_id != revision.pk or decision.digest != revision.digest:
        return False
    return bool(may_decide(signer(decision), need, involved))
