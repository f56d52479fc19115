"""Whom the rule asks: which roles, who holds them, who could approve a record or sign it off."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.involvement import involved_in
from approvals.models import ApprovalRule, Delegation, delegated_on
from approvals.rules import (
    STANDS_FOR,
    STRICTEST,
    ApprovalNeed,
    Candidate,
    assigned,
    can_fill,
    in_sentence,
    label_of,
    may_decide,
    may_sign_off,
    strictest,
    unfilled,
)
from records.composed import Asked, Kept
from records.models import (
    Operation,
    OperationTemplate,
    Person,
    Role,
    RoleHolding,
)
from records.models.person import holding_on


def need_for(operation: Operation, level: str) -> ApprovalNeed:
    """Who has to approve a record of its template at ``level``: an administrator's rule, else the template's own.

    Without a template nobody said what it risks: the strictest rule holds.
    """
    if operation.template is None:
        return ApprovalNeed(level, STRICTEST, operation.supervisor_id)
    level = level_told(operation.template, level)
    return ApprovalNeed(level, roles_at(operation.template, [level])[level], operation.supervisor_id)


def level_told(template: OperationTemplate, level: str) -> str:
    """``level`` as a plan tells it: where no line of ``template`` says the level, none is said in the plan. One that
    stands beside it, as an imported record's may, chooses no rule.
    """
    return level if template.outline.bound("risk") else ""


def why_strictest(operation: Operation) -> str:
    """Why the strictest rule of its template holds for the record, in words; empty where its level chooses the rule."""
    template = operation.template
    level = level_told(template, operation.risk_level) if template else ""
    if template is None or knows(_in_force(template)[0], level):
        return ""
    if not template.outline.bound("risk"):
        why = _("No line of its version of the template says what it risks")
    elif level:
        why = _("The newest version of its template knows no risk level “%s”") % level
    else:
        why = _("It says no risk level yet")
    return _("%(why)s: so the strictest of its rules holds.") % {"why": why}


def roles_at(template: OperationTemplate, levels: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Which roles have to approve at each of ``levels``. One query, two for an older version of a template."""
    newest, said = _in_force(template)
    return {level: roles_in_force(newest, template, level, said) for level in levels}


def roles_in_force(
    newest: OperationTemplate, own: OperationTemplate, level: str, said: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """What is asked for at ``level``, whichever ``own`` version a record is on: what an administrator ``said`` of it,
    else what the newest version says. Of a level that this doesn't know the strictest of its rules holds, or that of
    ``own``: else whoever writes a record would choose the rule by choosing a version.
    """
    asked, of_own = newest.outline.settings, own.outline.settings.roles(level)
    if knows(newest, level):
        return said.get(level) or tuple(asked.roles(level))
    known = [said.get(one) or tuple(asked.roles(one)) for one in asked.levels or ("",)]
    return strictest([*known, said.get(level) or tuple(of_own)])


def knows(newest: OperationTemplate, level: str) -> bool:
    """Whether a record on the ``newest`` version of a template could say ``level``; none, where no line says one."""
    if not newest.outline.bound("risk"):
        return not level
    return level in newest.outline.settings.levels or not newest.outline.settings.levels


def _in_force(template: OperationTemplate) -> tuple[OperationTemplate, dict[str, tuple[str, ...]]]:
    """The newest version of a template, and the roles that administrators set, by level."""
    versions = _versions(name=template.name)
    newest = template if versions[-1] == template else OperationTemplate.objects.get(pk=versions[-1].pk)
    return newest, {one.level: tuple(one.asked) for one in versions if one.asked}


def rules_of(template: OperationTemplate) -> QuerySet[ApprovalRule]:
    """What administrators set for a template, whichever of its versions it was set at: else whoever writes a record
    would choose the rule by choosing the version. Of two for one level the one of the newer version comes last, and
    holds.
    """
    rules = ApprovalRule.objects.filter(template__name=template.name)
    return rules.order_by("template_id")


# Every version of a template, the newest last, once for each rule that was set at it (``level``, ``asked``: its roles).
_versions: Kept[Any] = Kept(
    lambda: (
        OperationTemplate.objects.filter(name=Asked("name"))
        .annotate(level=F("approval_rules__risk_level"), asked=F("approval_rules__roles"))
        .defer("text", "toml")
        .order_by("pk")
    )
)


def candidate_of(person: Person, day: dt.date, roles: frozenset[str] | None = None) -> Candidate:
    """``person`` as the rules see them on ``day``; with ``roles``, where they were read along with others'."""
    return Candidate(
        pk=person.pk,
        name=str(person),
        roles=person.roles_on(day) if roles is None else roles,
        is_active=person.is_active,
        can_sign=person.has_usable_password(),
        away_until=person.away_until if person.is_away(day) else None,
    )


def candidate_now(by: Person, day: dt.date) -> Candidate:
    """The person as the database has them at this moment, account and roles locked against a change meanwhile."""
    person = _locked.get(pk=by.pk)
    holdings = RoleHolding.objects.select_for_update(no_key=True).filter(holding_on(day), person=person)
    roles = frozenset(holding.role for holding in holdings)
    return Candidate(person.pk, str(person), roles, person.is_active, person.has_usable_password())


def capacities_of(person: Person, day: dt.date) -> Iterator[Candidate]:
    """``person`` as themselves, then as everybody for whom they stand in, who are asked for (one query) only then."""
    own = candidate_of(person, day)
    yield own
    yield from _for_others(own, Delegation.objects.filter(to=person), day)


def capacities_now(by: Person, day: dt.date) -> list[Candidate]:
    """As ``capacities_of``, but as the database has it at this moment, locked against a change meanwhile."""
    person = _locked.get(pk=by.pk)
    given = Delegation.objects.select_for_update(of=("self",), no_key=True).filter(to=by)
    others = _standing_behind(given, day)
    holdings = RoleHolding.objects.select_for_update(no_key=True).filter(person__in=[person, *others])
    held = _roles_of(holdings, day)
    own = Candidate(person.pk, str(person), held[person.pk], person.is_active, person.has_usable_password())
    return [own, *(standing_in(own, other, held[other.pk]) for other in others)]


# Not FOR UPDATE: rows that name the person are added by others who wait for the trail's head.
_locked = Kept(lambda: Person.objects.select_for_update(no_key=True).filter(pk=Asked("pk")))


def _for_others(own: Candidate, given: QuerySet[Delegation], day: dt.date) -> list[Candidate]:
    behind = given.filter(delegated_on(day)).values("person_id")
    holdings = RoleHolding.objects.filter(holding_on(day), person__in=behind).order_by("person_id")
    return [standing_in(own, other, roles) for other, roles in _by_person(holdings)]


def _standing_behind(given: QuerySet[Delegation], day: dt.date) -> list[Person]:
    return [one.person for one in given.filter(delegated_on(day)).select_related("person").order_by("pk")]


def _roles_of(holdings: QuerySet[RoleHolding], day: dt.date) -> dict[int, frozenset[str]]:
    held: dict[int, frozenset[str]] = defaultdict(frozenset)
    for holding in holdings.filter(holding_on(day)):
        held[holding.person_id] |= {holding.role}
    return held


def standing_in(own: Candidate, person: Person, roles: frozenset[str]) -> Candidate:
    """``own`` in the place of ``person``, who holds ``roles``."""
    name = _("%(name)s for %(other)s") % {"name": own.name, "other": person}
    return replace(own, name=name, roles=roles, acts_for=person.pk)


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
    def away(self) -> str:
        """The roles that only people could fill who are away, in words; empty if there is none."""
        gone = [one.role for one in self.roles if one.people and all(person.is_away for person in one.people)]
        return _(" and ").join(in_sentence(role) for role in gone)

    @property
    def words(self) -> str:
        """Why nobody can approve it; empty if somebody can."""
        if not self.lacking:
            return ""
        names = _(" and ").join(in_sentence(role) for role in self.lacking)
        return _(
            "Nobody could approve this as %(roles)s: everybody who holds the role wrote part of it, is named to run "
            "it, can't sign, or is needed for another role, in person or as whoever stands in for them."
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
    found = holders(need.roles, day)
    people = [one for one in (*found, *standing_in_for(found, day)) if may_decide(one, need, involved)]
    roles = tuple(
        Eligible(role, tuple(one for one in people if can_fill(role, one, need))) for role in dict.fromkeys(need.roles)
    )
    return Eligibility(roles, tuple(unfilled(need, assigned(need, people))))


def holders(roles: Iterable[str], day: dt.date) -> list[Candidate]:
    """Everybody who holds one of ``roles``, or one that stands for it, in one query."""
    return [candidate_of(person, day, own) for person, own in _holding(roles, day)]


def _holding(roles: Iterable[str], day: dt.date) -> list[tuple[Person, frozenset[str]]]:
    wanted = frozenset[str]().union(*(STANDS_FOR.get(role, frozenset()) for role in roles))
    holdings = RoleHolding.objects.filter(holding_on(day), role__in=wanted)
    return _by_person(holdings.order_by("person__name", "person_id"))


def _by_person(holdings: QuerySet[RoleHolding]) -> list[tuple[Person, frozenset[str]]]:
    """Each person of ``holdings``, in their order, with the roles held."""
    found: dict[int, tuple[Person, frozenset[str]]] = {}
    for holding in holdings.select_related("person"):
        person, held = found.get(holding.person_id, (holding.person, frozenset()))
        found[person.pk] = person, held | {holding.role}
    return list(found.values())


def standing_in_for(people: Iterable[Candidate], day: dt.date) -> list[Candidate]:
    """Whoever stands in for one of ``people``. One query, and one more for their own roles if there is somebody."""
    by_pk = {one.pk: one for one in people}
    given = Delegation.objects.filter(delegated_on(day), person__in=by_pk).select_related("person", "to")
    return [standing_in(candidate_of(one.to, day), one.person, by_pk[one.person_id].roles) for one in given]


def signing_off(operation: Operation, day: dt.date) -> list[Person]:
    """Who is asked to sign off: everybody who may, the named supervisor first."""
    involved = involved_in(operation, with_run=True)
    found = _holding([Role.SUPERVISOR], day)
    able = [one for one, roles in found if may_sign_off(candidate_of(one, day, roles), involved)]
    return sorted(able, key=lambda one: one.pk != operation.supervisor_id)
