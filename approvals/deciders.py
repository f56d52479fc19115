"""Who has to decide, for ``records``, which knows no rule: in words, with the named supervisor; and who confirms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.eligibility import eligible_for, need_for, roles_at
from approvals.rules import Candidate, can_fill, need_in, with_article
from approvals.standing import newest_revision, standing
from records.audit import facts_in
from records.decided import Able, Given
from records.life_cycle import Act
from records.models import AuditEntry, Operation, OperationTemplate, Person, Revision, Role
from records.models.states import EDITABLE


def deciders_of(operation: Operation, newest: Revision | None) -> Sequence[str]:
    """ "Ada Brandt (supervisor)", "an infrastructure approver": as ``newest`` copied it for this level, or as of now.

    At most one query; empty while nobody chose a risk level.
    """
    copied = need_in(bytes(newest.rule)) if newest else None
    if copied and (operation.state not in EDITABLE or copied.level == operation.risk_level):
        return _named(copied.roles, operation.supervisor)
    if operation.template and not operation.risk_level and operation.template.outline.bound("risk"):
        return ()
    return _named(need_for(operation, operation.risk_level).roles, operation.supervisor)


def deciders_at(template: OperationTemplate, levels: Sequence[str]) -> Mapping[str, str]:
    """Who approves at each of ``levels``, in words. One query."""
    return {level: _(" and ").join(_named(roles)) for level, roles in roles_at(template, levels).items()}


def signed_words(revision: Revision, signed: int) -> str:
    """ "1 of 2 signed"."""
    needed = len(need_in(bytes(revision.rule)).roles)
    facts = {"signed": min(signed, needed), "total": needed}
    return ngettext("%(signed)s of %(total)s signed", "%(signed)s of %(total)s signed", needed) % facts


def is_approved(operation: Operation) -> bool:
    """Whether its newest revision has all its approvals, whatever its state says, and the trail tells of each."""
    now = standing(operation)
    told = {facts_in(one).get("decision") for one in AuditEntry.objects.filter(operation=operation, act=Act.APPROVE)}
    return now.is_complete and all(decision.pk in told for _role, decision in now.counted)


def confirming(operation: Operation, approvals: Sequence[Given], day: dt.date) -> Sequence[Sequence[Able]]:
    """For each of the ``approvals`` of the newest revision: who may confirm on a day what has to be confirmed again.

    That is who gave it, in a capacity that they have on that day. For one who has none any more, whoever could approve
    the plan in that role, gave none of the approvals, and has no right that one of them confirms by: else who has left
    would hold an operation up for ever. A supervisor who was named and can't doesn't stand alone for their role.
    """
    revision = newest_revision(operation)
    if revision is None:
        return ()
    need = need_in(bytes(revision.rule))
    wide = replace(need, supervisor=None)
    able = dict.fromkeys(one for own in eligible_for(operation, wide, day=day).roles for one in own.people)
    roles = {one.person_id: one.role for one in approvals}
    held: dict[int, Candidate] = {}
    # By their own right, before anybody uses that for them.
    for one in sorted(able, key=lambda one: one.acts_for is not None):
        used = {other.authority for other in held.values()}
        if one.pk in roles and one.pk not in held and one.authority not in used and can_fill(roles[one.pk], one, need):
            held[one.pk] = one
    used = {one.authority for one in held.values()}
    free = [one for one in able if one.pk not in roles and one.authority not in used]

    def instead(role: str) -> list[Candidate]:
        by_name = [one for one in free if can_fill(role, one, need)]
        return by_name or [one for one in free if can_fill(role, one, wide)]

    found = ([held[pk]] if pk in held else instead(role) for pk, role in roles.items())
    return [[Able(one.pk, one.name, one.authority) for one in own] for own in found]


def _named(roles: Iterable[str], supervisor: Person | None = None) -> Sequence[str]:
    named = _("%(name)s (supervisor)") % {"name": supervisor} if supervisor else ""
    return [(role == Role.SUPERVISOR and named) or with_article(role) for role in roles]
