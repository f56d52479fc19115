"""Whether those who decided could, as the trail itself tells: what a script decides past the acts is chained like any.

Who opened or wrote a plan, or is named in it to run it, approves none; it is approved once each role of its rule was
filled by another person; and who opened, wrote, started or signed a record as its operator doesn't sign it off.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from approvals.involvement import WRITING
from approvals.rules import Candidate, Involved, assigned, may_decide, need_in, unfilled
from records.audit import Fault, facts_in, reading
from records.life_cycle import Act
from records.models import AuditEntry, Revision, State
from records.writing.who_wrote import OPENING

RUNNING = (Act.START, Act.EMERGENCY_START, Act.SIGN_AS_OPERATOR)
CHUNK = 200
Frozen = Mapping[tuple[int, int], tuple[bytes, bytes]]


def not_lawful() -> Iterator[Fault]:
    """Decisions by those who could not take them, and plans that were approved by too few."""
    records: dict[int, _Record] = defaultdict(_Record)
    acts = [*OPENING, *WRITING, *RUNNING, Act.APPROVE, Act.TAKE_BACK, Act.SIGN_OFF]
    entries = AuditEntry.objects.filter(act__in=acts, operation__isnull=False).order_by("number")
    waiting = entries.iterator(chunk_size=CHUNK)
    while chunk := list(islice(waiting, CHUNK)):
        found = Revision.objects.filter(operation__in={one.operation_id for one in chunk if one.act == Act.APPROVE})
        columns = found.values_list("operation_id", "number", "rule", "annex")
        frozen = {(pk, number): (bytes(rule), bytes(annex)) for pk, number, rule, annex in columns}
        for entry in chunk:
            with reading(entry):
                wrong = records[entry.operation_id or 0].wrong_with(entry, frozen)
            if wrong:
                yield Fault(entry.number, wrong)


@dataclass(slots=True)
class _Record:
    """Who did what on a record, as far as its entries were read; its approvals by revision and person."""

    opened: set[int] = field(default_factory=set)
    wrote: set[int] = field(default_factory=set)
    ran: set[int] = field(default_factory=set)
    approvals: dict[Any, dict[int, Candidate]] = field(default_factory=lambda: defaultdict(dict))

    def wrong_with(self, entry: AuditEntry, frozen: Frozen) -> str:
        """What is wrong with the decision that ``entry`` tells of; empty if nothing, or if it tells of none."""
        by = entry.person_id or 0
        if entry.act == Act.APPROVE:
            return self._approved(entry, facts_in(entry), frozen)
        if entry.act == Act.TAKE_BACK:
            self.approvals[facts_in(entry)["revision"]].pop(by, None)
        elif entry.act == Act.SIGN_OFF:
            if by in self.opened | self.wrote | self.ran:
                return f"{entry.person_name} signed off what they wrote or ran"
        else:
            doing = self.opened if entry.act in OPENING else self.wrote if entry.act in WRITING else self.ran
            doing.add(by)
        return ""

    def _approved(self, entry: AuditEntry, facts: Mapping[str, Any], frozen: Frozen) -> str:
        number = facts["revision"]
        known = frozen.get((entry.operation_id or 0, number))
        if known is None or "roles" not in facts:
            return ""  # said where entries are held against revisions; the first release's tell no roles
        need, people = need_in(known[0]), json.loads(known[1])["people"]
        roles = frozenset(facts["roles"])
        person = Candidate(entry.person_id or 0, entry.person_name, roles, acts_for=facts.get("for"))
        involved = Involved(
            author=0,
            contributors=frozenset(self.wrote),
            openers=frozenset(self.opened),
            operator=people["operator"],
            deputies=frozenset(people["deputies"]),
        )
        if not may_decide(person, need, involved):
            return f"{entry.person_name} approved what they wrote, are to run, or hold no role for"
        given = self.approvals[number]
        given[person.pk] = person
        placed = assigned(need, list(given.values()))
        if facts["after"] == State.APPROVED and unfilled(need, placed):
            return f"revision {number} was approved before everybody had approved it whom its rule asks for"
        return ""
