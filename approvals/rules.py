"""The approval rule, eligibility and separation of duties: pure predicates over small values, nothing looked up.

Who can be asked is looked up in ``approvals.eligibility``, what was signed in ``approvals.standing``.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.utils.translation import gettext as _

from records.document.digest import canonical_json
from records.models import Role
from records.rights import YES, Right

# Roles that sign. Everybody who supervises may stand where a supervisor is asked for; no other role stands for another.
STANDS_FOR: Mapping[str, frozenset[str]] = {
    Role.SUPERVISOR: frozenset({Role.SUPERVISOR, Role.DEVOPS_SUPERVISOR}),
    Role.DEVOPS_SUPERVISOR: frozenset({Role.DEVOPS_SUPERVISOR}),
    Role.INFRASTRUCTURE_APPROVER: frozenset({Role.INFRASTRUCTURE_APPROVER}),
}
SIGNING = frozenset[str]().union(*STANDS_FOR.values())
# What is asked where nobody said what an operation risks.
STRICTEST: tuple[str, ...] = (Role.DEVOPS_SUPERVISOR.value, Role.INFRASTRUCTURE_APPROVER.value)


@dataclass(frozen=True, slots=True)
class ApprovalNeed:
    """The rule as it is copied into a revision: one role for each approval that is needed.

    ``supervisor`` is the named supervisor: where there is one, the role of supervisor is theirs alone.
    """

    level: str
    roles: tuple[str, ...]
    supervisor: int | None = None

    def stored(self) -> bytes:
        """The canonical JSON that a revision keeps and digests."""
        return canonical_json(
            {"schema": 1, "level": self.level, "roles": list(self.roles), "supervisor": self.supervisor}
        )


def need_in(stored: bytes) -> ApprovalNeed:
    """The rule in a revision."""
    data: dict[str, Any] = json.loads(stored)
    return ApprovalNeed(data["level"], tuple(data["roles"]), data["supervisor"])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person as the rules see them. ``roles`` are those held on the day (or, for an approval, when it was given).

    Somebody who stands in for another (``acts_for``) has that person's roles, and is called "A for B".
    """

    pk: int
    name: str
    roles: frozenset[str]
    is_active: bool = True
    can_sign: bool = True
    away_until: dt.date | None = None
    acts_for: int | None = None

    @property
    def is_away(self) -> bool:
        """Whether they said to be away."""
        return self.away_until is not None

    @property
    def authority(self) -> int:
        """Whose right to sign it is; it counts once, whoever uses it."""
        return self.acts_for or self.pk


@dataclass(frozen=True, slots=True)
class Involved:
    """Whom separation of duties keeps from approving, by what they are to the record."""

    author: int
    co_authors: frozenset[int] = frozenset()
    contributors: frozenset[int] = frozenset()
    openers: frozenset[int] = frozenset()
    operator: int | None = None
    deputies: frozenset[int] = frozenset()
    workers: frozenset[int] = field(default_factory=frozenset)


def wrote_or_runs(pk: int, involved: Involved) -> Right:
    """Rule 1: the author, whoever opened it, every contributor to the plan, the named operator and the deputies can't
    approve it.
    """
    if pk == involved.author:
        return Right(_("You can't approve: you wrote this plan."))
    if pk in involved.openers:
        return Right(_("You can't approve: you began this record, with what stood in it then."))
    if pk in involved.co_authors or pk in involved.contributors:
        return Right(_("You can't approve: you wrote part of this plan."))
    if pk == involved.operator:
        return Right(_("You can't approve: you are named to run it."))
    if pk in involved.deputies:
        return Right(_("You can't approve: you are named as a deputy."))
    return YES


def can_fill(role: str, person: Candidate, need: ApprovalNeed) -> bool:
    """Whether the roles of ``person`` let them stand for ``role``; the named supervisor stands alone for theirs."""
    if not person.roles & STANDS_FOR.get(role, frozenset()):
        return False
    return role != Role.SUPERVISOR or need.supervisor in (None, person.authority)


def may_decide(person: Candidate, need: ApprovalNeed, involved: Involved) -> Right:
    """Whether ``person`` is an approver of this plan. Administrators and superusers are people like others here."""
    if not person.is_active:
        return Right(_("This account is disabled."))
    if not (right := wrote_or_runs(person.pk, involved)):
        return right
    if person.acts_for and not wrote_or_runs(person.acts_for, involved):
        return Right(_("You can't approve: you would act for somebody who wrote or runs this."))
    if not any(can_fill(role, person, need) for role in need.roles):
        if Role.SUPERVISOR in need.roles and person.roles & STANDS_FOR[Role.SUPERVISOR]:
            return Right(_("You can't approve: another supervisor is named in this record."))
        names = _(" or ").join(label_of(role) for role in dict.fromkeys(need.roles))
        return Right(_("You can't approve: this asks for the role %(roles)s, which you don't hold.") % {"roles": names})
    if not person.can_sign:
        return Right(_("You can't sign: your account has no password to sign with."))
    return YES


def assigned(need: ApprovalNeed, people: Sequence[Candidate]) -> dict[int, Candidate]:
    """Rule 2: which place of ``need.roles`` each of ``people`` fills, as many as possible, each person once, and
    nobody's right twice.

    Somebody may stand in the list for themselves and for others. Who comes first is tried first.
    """
    able = {at: [one for one in people if can_fill(role, one, need)] for at, role in enumerate(need.roles)}
    # What few can fill first: so it shows at once what can't be filled (the lists are short).
    order = sorted(able, key=lambda at: len(able[at]))

    def placed(left: Sequence[int], taken: Mapping[int, Candidate], spare: int) -> dict[int, Candidate] | None:
        if not left:
            return dict(taken)
        for person in able[left[0]]:
            if all(one.pk != person.pk and one.authority != person.authority for one in taken.values()):
                found = placed(left[1:], {**taken, left[0]: person}, spare)
                if found is not None:
                    return found
        return placed(left[1:], taken, spare - 1) if spare else None

    ways = (placed(order, {}, spare) for spare in range(len(order) + 1))
    return next(way for way in ways if way is not None)


def asks_as_much(earlier: ApprovalNeed, need: ApprovalNeed) -> bool:
    """Whether the approvals that ``earlier`` asked for could have stood for those of ``need``, each for one."""
    left = list(earlier.roles)
    # What few roles can fill first.
    for role in sorted(need.roles, key=lambda one: len(STANDS_FOR.get(one, ()))):
        own = next((one for one in left if one in STANDS_FOR.get(role, ())), None)
        if own is None:
            return False
        left.remove(own)
    return True


def strictest(rules: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The roles of that one of ``rules`` which asks as much as each other; where none does, all that any asks for."""
    needs = [ApprovalNeed("", roles) for roles in rules]
    one = next((one for one in needs if all(asks_as_much(one, other) for other in needs)), None)
    return one.roles if one else tuple(reduce(or_, map(Counter, rules)).elements())


def unfilled(need: ApprovalNeed, placed: Mapping[int, Candidate]) -> list[str]:
    """The roles whose places nobody fills."""
    return [role for at, role in enumerate(need.roles) if at not in placed]


def may_sign_off(person: Candidate, involved: Involved) -> Right:
    """A supervisor who neither ran nor wrote it; it may be who approved it."""
    if not person.is_active:
        return Right(_("This account is disabled."))
    if person.pk in {involved.author, *involved.co_authors, *involved.contributors, *involved.openers}:
        return Right(_("You can't sign it off: you wrote part of this record."))
    if person.pk in {involved.operator, *involved.deputies, *involved.workers}:
        return Right(_("You can't sign it off: you took part in the operation."))
    if not person.roles & STANDS_FOR[Role.SUPERVISOR]:
        return Right(_("You can't sign it off: that asks for a supervisor."))
    if not person.can_sign:
        return Right(_("You can't sign: your account has no password to sign with."))
    return YES


def may_publish(person: Candidate, editors: Collection[int]) -> Right:
    """A template keeper who wrote none of this version of the template."""
    if not person.is_active:
        return Right(_("This account is disabled."))
    if person.pk in editors:
        return Right(_("You can't publish it: you wrote part of this version."))
    if Role.TEMPLATE_KEEPER not in person.roles:
        return Right(_("You can't publish it: that asks for a template keeper."))
    if not person.can_sign:
        return Right(_("You can't sign: your account has no password to sign with."))
    return YES


def label_of(role: str) -> str:
    """How people call a role; a role that this site doesn't know stays as it was written."""
    return str(Role(role).label) if role in Role.values else role


def in_sentence(role: str) -> str:
    """A role inside a sentence: capitals only where the word itself has them ("DevOps supervisor")."""
    label = label_of(role)
    return label if any(letter.isupper() for letter in label[1:]) else label.lower()


def with_article(role: str) -> str:
    """A role as somebody who is looked for: "an infrastructure approver"."""
    word = in_sentence(role)
    return (_("an %s") if word[:1].lower() in "aeiou" else _("a %s")) % word
