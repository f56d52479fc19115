"""The rules in force, for everybody to read: who approves at which level, who could, who is away, what was changed.

What an administrator changes is a row of the trail; its history is read there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from approvals.eligibility import holders, roles_at, rules_of, standing_in_for
from approvals.rules import SIGNING, STANDS_FOR, Candidate, in_sentence, label_of
from records.audit import facts_in
from records.models import AuditEntry, OperationTemplate

SHOWN = 30
DELETED = "approvalrule_deleted"
ACTS = ("approvalrule_added", "approvalrule_changed", DELETED)


@dataclass(frozen=True, slots=True)
class Level:
    """Who approves at a risk level: a role for each approval; ``is_set`` by an administrator, else the template's."""

    name: str
    roles: tuple[str, ...]
    is_set: bool


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One change of a rule: what it was about and what it asks for since then."""

    act: str
    person: str
    at: dt.datetime
    rule: str


def levels_of(template: OperationTemplate) -> list[Level]:
    """The rules of ``template``, from the mildest level on. Two queries."""
    levels = template.outline.settings.levels
    own = set(rules_of(template).values_list("risk_level", flat=True))
    return [
        Level(level, tuple(in_sentence(role) for role in roles), level in own)
        for level, roles in roles_at(template, levels).items()
    ]


def who_could(day: dt.date) -> Mapping[str, Sequence[Candidate]]:
    """By role in words: whoever holds it or one that stands for it, and whoever stands in for them."""
    found = holders(SIGNING, day)
    people = [*found, *standing_in_for(found, day)]
    return {label_of(role): [one for one in people if one.roles & stands] for role, stands in STANDS_FOR.items()}


def history() -> list[RuleChange]:
    """The newest changes of rules, as the trail tells of them. One query."""
    entries = AuditEntry.objects.filter(act__in=ACTS).order_by("-number")[:SHOWN]
    return [RuleChange(one.act, one.person_name, one.at, _in_words(str(facts_in(one)["called"]))) for one in entries]


def _in_words(called: str) -> str:
    """A rule as the trail calls it, with the names of its roles."""
    head, colon, roles = called.rpartition(": ")
    return head + colon + re.sub(r"[a-z_]+", lambda name: in_sentence(name[0]), roles)
