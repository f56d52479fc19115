"""Which rules the trail tells of, act by act: what the rule that a revision copied is held against.

A rule that a script sets, and takes away once the plan was sent, leaves no entry: it is found by that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.db.models import OuterRef, Subquery

from approvals.eligibility import knows, roles_in_force
from approvals.rule_book import ACTS, DELETED
from approvals.rules import STRICTEST, in_sentence, need_in
from approvals.standing import COUNTING
from records.audit import Fault, facts_in, reading
from records.life_cycle import Act
from records.models import AuditEntry, Operation, OperationTemplate, Revision, Role

COPYING = (Act.SUBMIT, Act.EMERGENCY_START, Act.RECORD_AFTERWARDS, Act.COMPLETE_PLAN)
# Whoever sends a plan while a rule is changed may have read the one before.
MEANWHILE = dt.timedelta(minutes=1)
# By how much a clock may have been set back between a version and a plan: the version itself has no number.
SET_BACK = dt.timedelta(days=1)
CHUNK = 200


def not_ruled() -> Iterator[Fault]:
    """Plans that were frozen under other rules than were in force, or along a template that isn't here as it was."""
    rules = _Rules.of(list(OperationTemplate.objects.order_by("pk")))
    entries = AuditEntry.objects.filter(act__in=[*ACTS, *COPYING, Act.RESCHEDULE]).order_by("number")
    waiting = entries.iterator(chunk_size=CHUNK)
    while chunk := list(islice(waiting, CHUNK)):
        found = Revision.objects.filter(operation__in={entry.operation_id for entry in chunk if entry.operation_id})
        columns = found.values_list("operation_id", "number", "rule", "template_digest")
        copied = {(pk, number): (bytes(rule), template) for pk, number, rule, template in columns}
        for entry in chunk:
            wrong = ""
            with reading(entry):
                if entry.act in ACTS:
                    rules.change(entry)
                else:
                    wrong = rules.wrong_with(entry, copied)
            if wrong:
                yield Fault(entry.number, wrong)


def not_on_their_templates(of: Operation | None = None) -> Iterator[Fault]:
    """Records on another template than the one that their plan was frozen along, which could call less of it plan.

    Once the operator has signed, their entry tells of the template.
    """
    digests = {one.pk: one.digest for one in OperationTemplate.objects.all()}
    frozen = Revision.objects.filter(operation=OuterRef("pk")).order_by("-number").values("template_digest")[:1]
    records = Operation.objects.filter(state__in=COUNTING, final_text=None, **({"pk": of.pk} if of else {}))
    rows = records.annotate(along=Subquery(frozen)).exclude(along=None).order_by("pk")
    for pk, template, along in rows.values_list("pk", "template", "along").iterator():
        if digests.get(template, "") != along:
            yield Fault(0, f"record {pk} is on another template now than the one that its plan was written along")


@dataclass(slots=True)
class _Rules:
    """The rules as the entries that were read so far tell of them: by their row, in the words of the trail.

    ``before`` are those that each change replaced, with its moment.
    """

    templates: Mapping[str, OperationTemplate]
    versions: Mapping[str, Sequence[OperationTemplate]]
    now: dict[int, str] = field(default_factory=dict)
    before: list[tuple[dt.datetime, dict[int, str]]] = field(default_factory=list)

    @classmethod
    def of(cls, templates: Sequence[OperationTemplate]) -> _Rules:
        """None yet; ``templates`` are all that there are, oldest first."""
        names = dict.fromkeys(one.name for one in templates)
        versions = {name: [one for one in reversed(templates) if one.name == name] for name in names}
        return cls({one.digest: one for one in templates}, versions)

    def change(self, entry: AuditEntry) -> None:
        """What an administrator did to a rule."""
        facts = facts_in(entry)
        self.before.append((entry.at, self.now))
        others = {row: called for row, called in self.now.items() if row != facts["row"]}
        self.now = others if entry.act == DELETED else {**others, facts["row"]: str(facts["called"])}

    def wrong_with(self, entry: AuditEntry, copied: Mapping[tuple[int, int], tuple[bytes, str]]) -> str:
        """How the rule that an act copied differs from those that it may have read; empty if it doesn't."""
        pk, number = entry.operation_id or 0, facts_in(entry).get("revision", 0)
        if (pk, number) not in copied:
            return ""  # said where entries are held against revisions
        rule, digest = copied[pk, number]
        if entry.act == Act.RESCHEDULE:
            same = copied.get((pk, number - 1), (b"", ""))[0] == rule
            return "" if same else f"revision {number} has another rule than the one that was rescheduled"
        template = self.templates.get(digest)
        if digest and template is None:
            return f"the template of revision {number} isn't here as it was then"
        need = need_in(rule)
        read = [self.now, *(rules for at, rules in self.before if at > entry.at - MEANWHILE)]
        allowed = [roles for rules in read for roles in self._roles(rules, template, need.level, entry.at)]
        if need.roles in allowed or None in allowed:
            return ""
        asked, wanted = (", ".join(map(in_sentence, roles or ())) for roles in (need.roles, allowed[0]))
        return f"revision {number} asks for “{asked}”, by a rule that no entry tells of: “{wanted}” was in force"

    def _roles(
        self, rules: Mapping[int, str], template: OperationTemplate | None, level: str, at: dt.datetime
    ) -> Iterator[tuple[str, ...] | None]:
        """What may have been asked for at ``level``; None where the entries of the first release don't tell the roles
        of a rule. Earlier releases went by the record's own version of the template, or by what was set for its level,
        where the newest doesn't know that.
        """
        if template is None:
            yield STRICTEST
            return
        versions = self.versions[template.name]
        said = _said(rules, versions)
        newest = next((one for one in versions if one.added_at <= at), template)
        if None in (said.values() if not knows(newest, level) else [said.get(level, ())]):
            yield None
            return
        told = {of: roles for of, roles in said.items() if roles}
        yield roles_in_force(newest, template, level, told)
        if level in told:
            yield told[level]
            return
        yield tuple(template.outline.settings.roles(level))
        for later in versions:
            if at < later.added_at <= at + SET_BACK:
                yield roles_in_force(later, template, level, told)


def _said(rules: Mapping[int, str], versions: Sequence[OperationTemplate]) -> dict[str, tuple[str, ...] | None]:
    """By level, what administrators set at any of ``versions``, the newest first, whose rule holds; None where the
    entries don't tell the roles.
    """
    said: dict[str, tuple[str, ...] | None] = {}
    for head in (f"{version}, " for version in reversed(versions)):
        for called in (called.removeprefix(head) for called in rules.values() if called.startswith(head)):
            level, colon, told = called.rpartition(": ")
            roles = tuple(told.split(", "))
            if not colon:
                said[called] = None
            elif set(roles) <= set(Role.values):
                said[level] = roles
    return said
