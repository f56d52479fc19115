"""Where a record stands with its approvals: what is needed, who could give it, what was signed, void or taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import ApprovalRule, Decision, DecisionKind
from approvals.rules import (
    STANDS_FOR,
    ApprovalNeed,
    Candidate,
    Involved,
    assigned,
    can_fill,
    in_sentence,
    label_of,
    may_decide,
    may_sign_off,
    need_in,
    unfilled,
)
from records.models import Check, FieldChange, Metric, Operation, Person, Revision, Role, RoleHolding, State, Step
from records.models.person import holding_on

# In these states the newest revision is the plan; in all others approvals of it are void.
COUNTING = (
    State.IN_REVIEW,
    State.APPROVED,
    State.RUNNING,
    State.ROLLING_BACK,
    State.CLOSING,
    State.FINALIZED,
)


# ---------------------------------------------------------------- the rule and the people


def need_for(operation: Operation, level: str) -> ApprovalNeed:
    """Who has to approve a record of its template at ``level``: an administrator's rule, else the template's own."""
    roles: Sequence[str] = ()
    if operation.template:
        own = ApprovalRule.objects.filter(template=operation.template, risk_level=level).first()
        roles = (own.roles if own else None) or operation.template.outline.settings.roles(level)
    return ApprovalNeed(level, tuple(roles) or (Role.SUPERVISOR.value,), operation.supervisor_id)


def involved_in(operation: Operation, *, with_run: bool = False) -> Involved:
    """Who wrote and runs it. Anybody whose save ever changed the plan counts as its contributor.

    ``with_run`` adds who worked on it, and counts whoever wrote any part of the record, as sign-off asks.
    """
    changes = FieldChange.objects.filter(operation=operation)
    if not with_run:
        changes = changes.filter(is_plan=True)
    named = operation.named
    return Involved(
        author=operation.author_id,
        co_authors=named.co_authors,
        contributors=frozenset(changes.order_by().values_list("person_id", flat=True).distinct()),
        operator=operation.operator_id,
        deputies=named.deputies,
        workers=named.team | _workers(operation) if with_run else frozenset(),
    )


def _workers(operation: Operation) -> frozenset[int]:
    """Who worked a step, ticked a check or measured."""
    of = {"section__operation": operation}
    steps = Step.objects.filter(**of).order_by().values_list("worked_by", flat=True)
    checks = Check.objects.filter(**of).order_by().values_list("ticked_by", flat=True)
    metrics = Metric.objects.filter(**of).order_by().values_list("measured_by", flat=True)
    return frozenset(pk for pk in steps.union(checks, metrics) if pk is not None)


def candidate_of(person: Person, day: dt.date) -> Candidate:
    """``person`` as the rules see them on ``day``."""
    return Candidate(
        pk=person.pk,
        name=str(person),
        roles=person.roles_on(day),
        is_active=person.is_active,
        can_sign=person.has_usable_password(),
        is_away=person.is_away(day),
    )


def candidate_now(by: Person, day: dt.date) -> Candidate:
    """The person as the database has them at this moment, account and roles locked against a change meanwhile."""
    # Not FOR UPDATE: rows that name the person are added by others who wait for the trail's head.
    person = Person.objects.select_for_update(no_key=True).get(pk=by.pk)
    holdings = RoleHolding.objects.select_for_update(no_key=True).filter(holding_on(day), person=person)
    roles = frozenset(holding.role for holding in holdings)
    return Candidate(person.pk, str(person), roles, person.is_active, person.has_usable_password())


@dataclass(frozen=True, slots=True)
class Eligible:
    """One required role, and everybody who could fill it."""

    role: str
    people: tuple[Candidate, ...]

    @property
    def label(self) -> str:
        """How people call the role."""
        return label_of(self.role)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Rule 5: who could approve, role by role, and why it can't be submitted if they don't suffice."""

    roles: tuple[Eligible, ...]
    lacking: tuple[str, ...]

    @property
    def words(self) -> str:
        """Why nobody can approve it; empty if somebody can."""
        if not self.lacking:
            return ""
        names = _(" and ").join(in_sentence(role) for role in self.lacking)
        return _(
            "Nobody could approve this as %(roles)s: everybody who holds the role wrote part of it, is named to run "
            "it, can't sign, or is needed for another role."
        ) % {"roles": names}

    @property
    def people(self) -> tuple[int, ...]:
        """The ids of everybody who could approve."""
        return tuple(dict.fromkeys(person.pk for role in self.roles for person in role.people))


def eligible_for(operation: Operation, need: ApprovalNeed | None = None, *, day: dt.date | None = None) -> Eligibility:
    """Who can approve the record as it is now; what the author sees before submitting."""
    day = day or timezone.now().date()
    need = need or need_for(operation, operation.risk_level)
    involved = involved_in(operation)
    people = [one for one in _holders(need.roles, day) if may_decide(one, need, involved)]
    roles = tuple(
        Eligible(role, tuple(one for one in people if can_fill(role, one, need))) for role in dict.fromkeys(need.roles)
    )
    return Eligibility(roles, tuple(unfilled(need, assigned(need, people))))


def _holders(roles: Iterable[str], day: dt.date) -> list[Candidate]:
    """Everybody who holds one of ``roles``, or one that stands for it, in one query."""
    wanted = frozenset[str]().union(*(STANDS_FOR.get(role, frozenset()) for role in roles))
    found: dict[int, tuple[Person, set[str]]] = {}
    holdings = RoleHolding.objects.filter(holding_on(day), role__in=wanted).select_related("person")
    for holding in holdings.order_by("person__name", "person_id"):
        found.setdefault(holding.person_id, (holding.person, set()))[1].add(holding.role)
    return [
        Candidate(pk, str(person), frozenset(held), person.is_active, person.has_usable_password(), person.is_away(day))
        for pk, (person, held) in found.items()
    ]


# ---------------------------------------------------------------- what was signed


@dataclass(frozen=True, slots=True)
class Standing:
    """The approvals of a record: those that count on its newest revision, and those that don't any more.

    ``counted`` pairs each filled role with its decision; ``waiting_for`` are the roles still to be filled.
    """

    revision: Revision | None = None
    need: ApprovalNeed | None = None
    counted: tuple[tuple[str, Decision], ...] = ()
    void: tuple[Decision, ...] = ()
    taken_back: tuple[Decision, ...] = ()
    waiting_for: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every required role is filled by a different person."""
        return self.need is not None and not self.waiting_for

    def counts(self, person: Person) -> bool:
        """Whether an approval by ``person`` counts."""
        return any(decision.person_id == person.pk for _role, decision in self.counted)

    def signers(self) -> list[Candidate]:
        """Whose approvals count, with the roles they held then."""
        return [_signer(decision) for _role, decision in self.counted]

    @property
    def words(self) -> str:
        """ "1 of 2 signed, waiting for an infrastructure approver"."""
        if self.need is None:
            return ""
        total = len(self.need.roles)
        told = ngettext("%(signed)s of %(total)s signed", "%(signed)s of %(total)s signed", total)
        text = told % {"signed": len(self.counted), "total": total}
        if not self.waiting_for:
            return text
        names = _(" and ").join(_with_article(role) for role in self.waiting_for)
        return _("%(signed)s, waiting for %(roles)s") % {"signed": text, "roles": names}


def _with_article(role: str) -> str:
    word = in_sentence(role)
    return (_("an %s") if word[:1].lower() in "aeiou" else _("a %s")) % word


def newest_revision(operation: Operation) -> Revision | None:
    """The newest revision; None before the first submission."""
    return operation.revisions.order_by("-number").first()


def standing(operation: Operation) -> Standing:
    """Where the record stands, computed from its decisions: nothing of it is stored."""
    revision = newest_revision(operation)
    if revision is None:
        return Standing()
    return standing_of(operation, revision, approvals_of(operation), involved_in(operation))


def approvals_of(operation: Operation) -> list[Decision]:
    """Every approval of any revision, and every one taken back, oldest first."""
    kinds = (DecisionKind.APPROVE, DecisionKind.TAKE_BACK)
    decisions = Decision.objects.filter(revision__operation=operation, kind__in=kinds)
    return list(decisions.select_related("person").order_by("pk"))


def standing_of(
    operation: Operation, revision: Revision, decisions: Sequence[Decision], involved: Involved
) -> Standing:
    """The standing that ``decisions`` (approvals and take-backs of any revision) give."""
    need = need_in(bytes(revision.rule))
    approvals = [decision for decision in decisions if decision.kind == DecisionKind.APPROVE]
    back = {(one.person_id, one.revision_id) for one in decisions if one.kind == DecisionKind.TAKE_BACK}
    taken_back = [one for one in approvals if (one.person_id, one.revision_id) in back]
    valid = [
        one
        for one in approvals
        if one not in taken_back and operation.state in COUNTING and _counts(one, revision, need, involved)
    ]
    placed = assigned(need, [_signer(one) for one in valid])
    by_person = {one.person_id: one for one in valid}
    counted = tuple((need.roles[at], by_person[placed[at].pk]) for at in sorted(placed))
    held = {decision.pk for _role, decision in counted}
    void = tuple(one for one in approvals if one.pk not in held and one not in taken_back)
    return Standing(revision, need, counted, void, tuple(taken_back), tuple(unfilled(need, placed)))


def _counts(decision: Decision, revision: Revision, need: ApprovalNeed, involved: Involved) -> bool:
    """Whether an approval is of these very bytes, by somebody who may (still) approve them."""
    if decision.revision_id != revision.pk or decision.digest != revision.digest:
        return False
    return bool(may_decide(_signer(decision), need, involved))


def _signer(decision: Decision) -> Candidate:
    """Who approved, with the roles held then: an approval outlives a role, not a part in the plan."""
    return Candidate(decision.person_id, decision.person_name, frozenset(decision.roles))


def signing_off(operation: Operation, day: dt.date) -> list[Person]:
    """Who is asked to sign off: the named supervisor if they may, else everybody who may."""
    involved = involved_in(operation, with_run=True)
    able = [one.pk for one in _holders([Role.SUPERVISOR], day) if may_sign_off(one, involved)]
    named = [pk for pk in able if pk == operation.supervisor_id]
    return list(Person.objects.filter(pk__in=named or able))


def decisions_on(operation: Operation) -> list[Decision]:
    """Everything that was decided on the record, oldest first."""
    of = Q(revision__operation=operation) | Q(final_text__operation=operation)
    return list(Decision.objects.filter(of).select_related("revision", "final_text", "person").order_by("at", "pk"))
