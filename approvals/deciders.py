"""Who has to decide, for ``records``, which knows no rule: in words, with the named supervisor; and who steps in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.eligibility import eligible_for, need_for, roles_at
from approvals.rules import need_in, with_article
from approvals.standing import newest_revision, standing
from records.audit import facts_in
from records.decided import Given
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


def stepping_in(operation: Operation, given: Given, day: dt.date) -> Sequence[Person]:
    """Who may step in for whoever gave an approval of the newest revision and whose account was disabled since: who
    could approve it in that role. Else who has left would hold an operation up for ever. Nobody while they are here.

    A supervisor who was named doesn't stand alone for their role any more.
    """
    revision = newest_revision(operation)
    if revision is None or given.is_here:
        return ()
    need = need_in(bytes(revision.rule))
    if need.supervisor == given.person_id:
        need = replace(need, supervisor=None)
    able = [own.people for own in eligible_for(operation, need, day=day).roles if own.role == given.role]
    return list(Person.objects.filter(pk__in={one.pk for people in able for one in people}).order_by("name", "pk"))


def _named(roles: Iterable[str], supervisor: Person | None = None) -> Sequence[str]:
    named = _("%(name)s (supervisor)") % {"name": supervisor} if supervisor else ""
    return [(role == Role.SUPERVISOR and named) or with_article(role) for role in roles]
