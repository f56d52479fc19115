"""Decisions as rows: the one place that adds one, and what is told of them to pages that only show them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from approvals.models import Decision
from approvals.rules import Candidate, assigned, need_in
from records.decided import Decided, DecisionKind, Given
from records.models import Addendum, FinalText, Operation, OperationTemplate, Revision

COLUMNS: Mapping[type[Decided], str] = {
    Revision: "revision",
    FinalText: "final_text",
    OperationTemplate: "template",
    Addendum: "addendum",
}


def decide(
    kind: DecisionKind, on: Decided, person: Candidate, role: str, *, at: dt.datetime, reason: str = ""
) -> Decision:
    """Add a decision of ``person`` in ``role`` on exactly the bytes of ``on``. Part of an act's transaction."""
    return Decision.objects.create(
        kind=kind,
        **{COLUMNS[type(on)]: on},
        person_id=person.pk,
        person_name=person.name,
        acts_for_id=person.acts_for,
        role=role,
        roles=sorted(person.roles),
        at=at,
        reason=reason,
        digest=on.digest,
    )


def decisions_on(operation: Operation) -> QuerySet[Decision]:
    """All that was decided on a record: its revisions, final texts and addenda."""
    on = (Q(**{f"{name}__operation": operation}) for name in ("revision", "final_text", "addendum"))
    return Decision.objects.filter(reduce(or_, on))


def as_facts(decision: Decision) -> dict[str, Any]:
    """What the trail's entry of an act says of its decision, beside who, when and on which digest."""
    facts = {"decision": decision.pk, "role": decision.role, "roles": list(decision.roles)}
    if decision.acts_for_id:
        facts |= {"for": decision.acts_for_id, "called": decision.person_name}
    return facts | ({"reason": decision.reason} if decision.reason else {})


def given_on(decided: Sequence[Decided]) -> Mapping[int, Sequence[Given]]:
    """The decisions on each of ``decided`` (all of one kind) by its key, oldest first. One query.

    The role of an approval is the place that it fills beside the others: which one depends on who else signed.
    """
    found: dict[int, list[Given]] = defaultdict(list)
    if not decided:
        return found
    on = COLUMNS[type(decided[0])]
    decisions = Decision.objects.filter(**{f"{on}__in": [one.pk for one in decided]}).select_related("person")
    of: dict[int, list[Decision]] = defaultdict(list)
    for one in decisions.order_by("at", "pk"):
        of[getattr(one, f"{on}_id")].append(one)
    for what in decided:
        roles = _places(what, of[what.pk]) if isinstance(what, Revision) else {}
        found[what.pk] = [_given(one, roles.get(one.pk, one.role)) for one in of[what.pk]]
    return found


def signer(decision: Decision) -> Candidate:
    """Who approved, with the roles held then: an approval outlives a role, not a part in the plan."""
    roles = frozenset(decision.roles)
    return Candidate(decision.person_id, decision.person_name, roles, acts_for=decision.acts_for_id)


def _places(revision: Revision, decisions: Sequence[Decision]) -> dict[int, str]:
    """The roles that the approvals among ``decisions`` on a revision fill, by decision."""
    back = {one.person_id for one in decisions if one.kind == DecisionKind.TAKE_BACK}
    approvals = {
        one.person_id: one for one in decisions if one.kind == DecisionKind.APPROVE and one.person_id not in back
    }
    if not approvals:
        return {}
    need = need_in(bytes(revision.rule))
    placed = assigned(need, [signer(one) for one in sorted(approvals.values(), key=lambda one: one.pk)])
    return {approvals[person.pk].pk: need.roles[at] for at, person in placed.items()}


def _given(one: Decision, role: str) -> Given:
    return Given(
        kind=DecisionKind(one.kind),
        person_id=one.person_id,
        user=one.person.username,
        person=one.person_name,
        role=role,
        roles=tuple(one.roles),
        words=one.reason,
        at=one.at,
        digest=one.digest,
        is_here=one.person.is_active,
    )
