"""A clerk who watches one record and keeps a book of their own: what must be true after every step (I1, I2, I3).

Nothing here asks the code that it watches, neither its rules nor its rights nor its states: who may do what is written
down a second time, after product.md, and judged from Decision rows, stored bytes, FieldChanges and the clerk's book.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

from django.db import connection

from records.models import AuditEntry, FieldChange, FinalText, Operation, Revision, State
from tests.people import ROLES, Cast

# What the people of these stories write: fields of the shipped template, by when an approval binds them.
PLAN = (
    "operation-summary/intro/text",
    "operation-summary/business-impact/user-experience",
    "infrastructure-operation-steps/phase-1-pre-migration-setup-hh-mm-hh-mm/infrastructure-preparation/commands",
    "disaster-recovery-plan/rollback-triggers/time-limits.text",
)
ANNEX = ("disaster-recovery-plan/rollback-procedures/immediate-rollback.host",)
OPEN = ("header/devops-team", "infrastructure-communication/technical-team-coordination/operations-team")
CLOSE = (
    "infrastructure-impact-assessment/improvements-achieved/reliability",
    "infrastructure-communication/stakeholder-communication/progress-updates",
)
LEVEL = "header/risk-level"
BOUND = (*PLAN, *ANNEX)
TEXTS = (*BOUND, *OPEN, *CLOSE)
MARK = re.compile(r"mark-[0-9]{6}")

DEVOPS, INFRASTRUCTURE, SUPERVISOR = "devops_supervisor", "infrastructure_approver", "supervisor"
SHIPPED_RULE = {
    "Low": [SUPERVISOR],
    "Medium": [SUPERVISOR],
    "High": [DEVOPS, INFRASTRUCTURE],
    "Critical": [DEVOPS, INFRASTRUCTURE],
}
BEFORE_START = ("draft", "in_review", "changes_requested", "approved")
APPROVED_ONCE = ("approved", "running", "rolling_back", "closing", "finalized")
# From, act, to, who: the table of product.md.
MOVES: Mapping[str, tuple[Sequence[str], Sequence[str], Sequence[str]]] = {
    "submit": (("draft", "changes_requested"), ("in_review",), ("author", "co-author")),
    "withdraw": (("in_review",), ("draft",), ("author", "co-author")),
    "ask_for_changes": (("in_review",), ("changes_requested",), ("approver",)),
    "reject": (("in_review",), ("rejected",), ("approver",)),
    "approve": (("in_review",), ("in_review", "approved"), ("approver",)),
    "take_back": (("approved",), ("in_review",), ("giver",)),
    "change_plan": (("approved",), ("draft",), ("author", "co-author")),
    "cancel": (BEFORE_START, ("cancelled",), ("author", "supervisor")),
    "start": (("approved",), ("running",), ("operator", "deputy")),
    "reschedule": (("approved",), ("in_review",), ("author", "co-author")),
    "emergency_start": (("draft", "in_review"), ("running",), ("operator",)),
    "complete_plan": (("closing",), ("closing",), ("author", "co-author")),
    "call_off": (("running",), ("approved",), ("operator", "supervisor")),
    "roll_back": (("running",), ("rolling_back",), ("operator", "deputy", "supervisor")),
    "finish_work": (("running", "rolling_back"), ("closing",), ("operator",)),
    "reopen_run": (("closing",), ("running", "rolling_back"), ("supervisor",)),
    "sign": (("closing",), ("closing",), ("operator",)),
    "sign_off": (("closing",), ("finalized",), ("independent",)),
}
DECISIONS = {
    "approve": "approve",
    "ask_for_changes": "ask_for_changes",
    "reject": "reject",
    "take_back": "take_back",
    "sign": "sign",
    "sign_off": "sign_off",
}
FREEZING = ("submit", "reschedule", "emergency_start", "complete_plan")
REVIEWS = ("approve", "ask_for_changes", "reject")
SIGNED = ("approve", "sign", "sign_off")
WINDOW = (dt.datetime(2026, 12, 6, 2, 0, tzinfo=dt.UTC), dt.datetime(2026, 12, 6, 5, 30, tzinfo=dt.UTC))
# Asked in words of its own, past all models and managers: what the tables hold of one record.
RECORD = """SELECT state, author_id, operator_id, supervisor_id, (SELECT number FROM records_finaltext
  WHERE id = final_text_id), (SELECT count(*) FROM records_fieldchange WHERE operation_id = %s)
  FROM records_operation WHERE id = %s"""
ROWS = """SELECT 'co-author', '', person_id, 0 FROM records_operation_co_authors WHERE operation_id = %s
  UNION ALL SELECT 'deputy', '', person_id, 0 FROM records_operation_deputies WHERE operation_id = %s
  UNION ALL SELECT 'team', '', person_id, 0 FROM records_operation_team WHERE operation_id = %s
  UNION ALL SELECT 'version', key, version, 0 FROM records_section WHERE operation_id = %s
  UNION ALL SELECT CASE WHEN settled_at IS NULL THEN 'asked' ELSE 'settled' END, '', person_id, id
  FROM approvals_comment WHERE operation_id = %s AND thread_id IS NULL AND kind = 'must_settle'
  AND sent_at IS NOT NULL"""
DECIDED = """SELECT one.id, kind, person_id, one.digest, revision.number, final.number, role, at, person_name,
  acts_for_id FROM approvals_decision one LEFT JOIN records_revision revision ON revision.id = one.revision_id
  LEFT JOIN records_finaltext final ON final.id = one.final_text_id
  WHERE revision.operation_id = %s OR final.operation_id = %s ORDER BY one.id"""
FROZEN = """SELECT 'revision', number, digest, plan_text, annex, rule, content FROM records_revision
  WHERE operation_id = %s UNION ALL SELECT 'final', number, digest, text, NULL, NULL, NULL FROM records_finaltext
  WHERE operation_id = %s"""
# What a run writes at its rows: as many as bear any of it.
MARKED = """SELECT count(*) FROM (
  SELECT section_id FROM records_step WHERE unplanned OR status <> 'todo' OR worked_by_id IS NOT NULL
  UNION ALL SELECT section_id FROM records_check WHERE ticked OR unticked_because <> '' OR observe_until IS NOT NULL
  UNION ALL SELECT section_id FROM records_recoveryvalidation WHERE ticked OR unticked_because <> ''
  UNION ALL SELECT section_id FROM records_metric WHERE measured_by_id IS NOT NULL
) marked JOIN records_section section ON section.id = marked.section_id WHERE section.operation_id = %s"""
STARTS = ("start", "emergency_start")
EARLY = dt.timedelta(minutes=15)
# A digest, and the bytes that are kept under it.
Stored = tuple[str | bytes, ...]


@dataclass(frozen=True)
class Attempt:
    """What somebody asked for: the act, and what they sent along."""

    act: str
    by: int
    at: dt.datetime
    digest: str = ""
    password_right: bool = True
    seen: bool = True
    key: str = ""
    text: str = ""
    base: int = 0

    def __str__(self) -> str:
        told = [f"{self.at:%d %H:%M}", self.digest[:8], self.key, repr(self.text) * bool(self.key)]
        signed = "" if self.password_right else "with a wrong password"
        return f"{self.act} by {self.by}: {' '.join(one for one in (*told, signed) if one)}"


@dataclass(frozen=True)
class Frozen:
    """A revision as it was when the clerk first saw it, and who had a hand in it then."""

    digest: str
    stored: Stored
    roles: tuple[str, ...]
    supervisor: int | None
    barred: frozenset[int]


@dataclass(frozen=True)
class Seen:
    """What the database holds of the record at one moment."""

    state: str
    decisions: Mapping[int, tuple[Any, ...]]
    revisions: Mapping[int, Stored]
    finals: Mapping[int, Stored]
    versions: Mapping[str, int]
    changes: int
    people: Mapping[str, frozenset[int]]
    final: int | None
    asked: Mapping[int, tuple[int, bool]]  # what must be settled and was sent: who asked, whether it is settled


@dataclass
class Clerk:
    """``export`` gives the record as it leaves; ``cast`` is everybody, with the roles of ``tests.people``."""

    operation: Operation
    cast: Cast
    export: Callable[[], bytes]
    texts: dict[str, str] = field(default_factory=dict)
    level: str = "High"
    rules: dict[str, list[str]] = field(default_factory=lambda: dict(SHIPPED_RULE))
    active: set[int] = field(default_factory=set)
    roles: dict[int, set[str]] = field(default_factory=dict)
    writers: dict[str, int] = field(default_factory=dict)
    changed_at: dict[str, int] = field(default_factory=dict)
    frozen: dict[int, Frozen] = field(default_factory=dict)
    roles_when_signed: dict[int, frozenset[str]] = field(default_factory=dict)
    worked: set[int] = field(default_factory=set)
    begun: bool = False  # whether anything was worked, ticked or measured in this run, or it was ended
    allowed_until: dt.datetime | None = None
    emergency: int = 0  # the revision that was frozen at an emergency start
    hurried: int = 0  # who started it then
    window: tuple[dt.datetime, dt.datetime] = WINDOW
    stands_in: set[tuple[int, int]] = field(default_factory=set)  # (for whom, who)

    def __post_init__(self) -> None:
        everybody = self.cast.all()
        self.active = {person.pk for person in everybody.values()}
        self.roles = {person.pk: {str(role) for role in ROLES[name]} for name, person in everybody.items()}
        # What came in with the draft is its author's.
        self.writers = dict.fromkeys((*TEXTS, LEVEL), self.operation.author_id)
        self.seen = self.look()
        self.begun = self.seen.state not in (*BEFORE_START, "running")
        self._freeze_new(self.seen)
        for pk, decision in self.seen.decisions.items():
            self.roles_when_signed[pk] = frozenset(self.roles[decision[1]])
        self.marks_of_revision = {number: self._marks(BOUND) for number in self.frozen}

    @property
    def owes_plan(self) -> bool:
        """Whether it was started as an emergency, and the rest of its plan isn't frozen yet."""
        return bool(self.emergency) and self.emergency == max(self.frozen)

    # ------------------------------------------------------------ what is there

    def look(self) -> Seen:
        """The record, its decisions and its frozen bytes, read anew."""
        with connection.cursor() as cursor:

            def told(question: str) -> list[tuple[Any, ...]]:
                return list(cursor.execute(question, [self.operation.pk] * question.count("%s")).fetchall())

            ((state, author, operator, supervisor, final, changes),) = told(RECORD)
            rows, frozen = told(ROWS), told(FROZEN)
            people = {of: {who for what, _, who, _ in rows if what == of} for of in ("co-author", "deputy", "team")}
            people |= {"author": {author}, "operator": {operator} - {None}, "named supervisor": {supervisor} - {None}}
            return Seen(
                state,
                {pk: tuple(row) for pk, *row in told(DECIDED)},
                {number: _stored(digest, *parts) for what, number, digest, *parts in frozen if what == "revision"},
                {number: _stored(digest, *parts) for what, number, digest, *parts in frozen if what == "final"},
                {key: version for what, key, version, _ in rows if what == "version"},
                changes,
                {name: frozenset(those) for name, those in people.items()},
                final,
                {pk: (who, what == "settled") for what, _, who, pk in rows if what in ("asked", "settled")},
            )

    def digest_in_review(self) -> str:
        """The digest of the newest revision; empty before the first submission."""
        return self.frozen[max(self.frozen)].digest if self.frozen else ""

    def _marks(self, keys: Sequence[str]) -> set[str]:
        return {mark for key in keys for mark in MARK.findall(self.texts.get(key, ""))}

    # ------------------------------------------------------------ after every step

    def witness(self, attempt: Attempt, *, refused: bool) -> None:
        """Judge what ``attempt`` did. Raises AssertionError with what is no longer true."""
        before, now = self.seen, self.look()
        self.seen = now
        if refused:
            assert now == before, f"{attempt.act} was refused, and yet changed the record"
            return
        assert attempt.by in self.active or now == before, f"a disabled account did {attempt.act}"
        self._nothing_frozen_changed(before, now)
        self._freeze_new(now, attempt)
        if attempt.act == "reschedule" and now.state != before.state:
            by = dt.date.fromisoformat(attempt.text) - self.window[0].date()
            self.window = (self.window[0] + by, self.window[1] + by)
        for pk, (asker, settled) in now.asked.items():
            if settled and not before.asked.get(pk, (asker, False))[1]:
                assert attempt.by == asker or asker not in self.active, "settled by somebody who didn't ask"
        self._judge_decisions(attempt, before, now)
        self._judge_move(attempt, before, now)
        self._judge_quorum(now)
        if (now.versions, now.finals) != (before.versions, before.finals) or attempt.act in ("submit", "start"):
            self._judge_texts(now)

    def _nothing_frozen_changed(self, before: Seen, now: Seen) -> None:
        for old, new in (
            (before.decisions, now.decisions),
            (before.revisions, now.revisions),
            (before.finals, now.finals),
        ):
            assert {key: new.get(key) for key in old} == dict(old), "what is only ever added was changed"

    def _freeze_new(self, now: Seen, attempt: Attempt | None = None) -> None:
        """I1: the bytes of a new revision are what was written, under the rule that held then."""
        for number in sorted(set(now.revisions) - set(self.frozen)):
            assert attempt is None or (attempt.act in FREEZING and number == max(self.frozen, default=0) + 1)
            if attempt and attempt.act == "emergency_start":
                self.emergency, self.hurried = number, attempt.by
            revision = Revision.objects.get(operation=self.operation, number=number)
            rule = json.loads(bytes(revision.rule))
            moved = attempt is not None and attempt.act == "reschedule"
            wanted = list(self.frozen[number - 1].roles) if moved else self.rules[self.level]
            assert rule["roles"] == wanted, "not the rule of this risk level"
            assert revision.digest == self._digest_again(revision)
            people = now.people
            writers = {self.writers[key] for key in (*BOUND, LEVEL)}
            barred = people["author"] | people["co-author"] | people["operator"] | people["deputy"] | writers
            self.frozen[number] = Frozen(
                revision.digest, now.revisions[number], tuple(rule["roles"]), rule["supervisor"], frozenset(barred)
            )
            if attempt and attempt.act in ("submit", "reschedule"):
                rights = {(one, one) for one in self.active} | {(who, one) for one, who in self.stands_in}
                able = [(who, one) for who, one in rights if {who, one} <= self.active - self.frozen[number].barred]
                signers = [(who, one, self.roles[one]) for who, one in able]
                assert _fill(self.frozen[number], signers), "sent, and nobody could ever approve it (rule 5)"
            if attempt:
                told = bytes(revision.plan_text).decode() + bytes(revision.annex).decode()
                assert set(MARK.findall(told)) == self._marks(BOUND), "the plan text is not the plan that was written"
                self.marks_of_revision[number] = self._marks(BOUND)

    def _digest_again(self, revision: Revision) -> str:
        told = {
            "schema": 2,
            "record": self._reference(),
            "revision": revision.number,
            "template": revision.template_digest,
            "rule": bytes(revision.rule).decode(),
            "plan_text": _sha(bytes(revision.plan_text)),
            "annex": _sha(bytes(revision.annex)),
            "content": _sha(bytes(revision.content)),
        }
        return _sha(json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())

    def _reference(self) -> str:
        own = Operation.objects.only("operation_id").get(pk=self.operation.pk)
        return own.operation_id or str(own.pk)

    # ------------------------------------------------------------ decisions (I2)

    def _judge_decisions(self, attempt: Attempt, before: Seen, now: Seen) -> None:
        new = [pk for pk in now.decisions if pk not in before.decisions]
        ratifies = bool(self.emergency) and attempt.act == "sign_off"
        assert len(new) <= (2 if ratifies else 1)
        for pk in new:
            kind, person, digest, revision, final, _role, _at, _name, behind = now.decisions[pk]
            made = ("ratify", "sign_off") if ratifies else (DECISIONS[attempt.act],)
            assert kind in made and person == attempt.by, "a decision that nobody made"
            assert attempt.password_right or kind not in SIGNED, "signed without the password"
            assert behind is None or (behind, person) in self.stands_in, "decided for somebody who asked nobody to"
            self.roles_when_signed[pk] = frozenset(self.roles[behind or person])
            if kind in (*REVIEWS, "take_back"):
                assert revision == max(self.frozen) and digest == self.frozen[revision].digest
            if kind in REVIEWS:
                assert before.state == "in_review" and digest == attempt.digest, "decided on what was not seen"
                assert self._may_review(person, self.frozen[revision]), f"{person} may not decide on this"
            if kind == "approve":
                assert all(settled for _who, settled in before.asked.values()), "approved before all was settled"
            if kind == "take_back":
                assert self._given(before, person, revision), "took back what was never given"
            if kind == "ratify":
                assert (revision, digest) == (max(self.frozen), self.frozen[max(self.frozen)].digest)
                assert person in self._independent(before), "ratified what they wrote or ran"
            if kind == "sign_off":
                assert digest == attempt.digest and attempt.seen and final == before.final
                assert person in self._independent(before), "signed off what they wrote or ran"
        given = [(row[1], row[3]) for row in now.decisions.values() if row[0] == "approve"]
        assert len(given) == len(set(given)), "one person, one revision, two approvals"

    def _may_review(self, person: int, frozen: Frozen) -> bool:
        if person not in self.active or person in frozen.barred:
            return False
        others = {one for one, who in self.stands_in if who == person and one in self.active}
        rights = {person} | (others - frozen.barred)
        return any(
            _stands_for(role, one, self.roles[one], frozen.supervisor) for one in rights for role in frozen.roles
        )

    def _given(self, seen: Seen, person: int, revision: int) -> bool:
        kinds = [row[0] for row in seen.decisions.values() if (row[1], row[3]) == (person, revision)]
        return "approve" in kinds and "take_back" not in kinds

    def _judge_quorum(self, now: Seen) -> None:
        """I2: approved is what enough different people approved, each in a role of theirs, none of them barred."""
        if now.state not in APPROVED_ONCE:
            return
        if self.emergency:
            self._judge_emergency(now)
            return
        number = max(self.frozen)
        frozen = self.frozen[number]
        signers = [
            (row[1], row[8] or row[1], self.roles_when_signed[pk])
            for pk, row in now.decisions.items()
            if row[0] == "approve" and row[3] == number and row[2] == frozen.digest
            and self._given(now, row[1], number) and not {row[1], row[8]} & frozen.barred
        ]  # fmt: skip
        assert _fill(frozen, signers), f"{now.state} without the approvals that the rule asks for"

    def _judge_emergency(self, now: Seen) -> None:
        """Rule 8: it never is approved, and is finalized only with its whole plan, ratified."""
        assert now.state != "approved", "an emergency became approved"
        kinds = {row[0] for row in now.decisions.values() if row[3] is not None and row[3] >= self.emergency}
        assert kinds <= {"ratify"}, "somebody decided on the plan of an emergency"
        if now.state == "finalized":
            assert "ratify" in kinds and not self.owes_plan, "finalized without being ratified"

    # ------------------------------------------------------------ moves

    def _judge_move(self, attempt: Attempt, before: Seen, now: Seen) -> None:
        if now.state == before.state and _counts(now) == _counts(before):
            return
        assert attempt.act in MOVES, f"{attempt.act} moved the record from {before.state} to {now.state}"
        sources, targets, who = MOVES[attempt.act]
        assert before.state in sources and now.state in targets, (attempt.act, before.state, now.state)
        assert any(self._is(role, attempt, before) for role in who), f"{attempt.act} by somebody who may not"
        assert attempt.act != "call_off" or not self.begun, "called off after work was begun"
        if attempt.act in STARTS:
            assert self._marked() == 0, "it starts with marks of another run"
        if attempt.act in (*STARTS, "finish_work"):
            self.begun = attempt.act == "finish_work"
        if attempt.act == "start":
            in_time = self.window[0] - EARLY <= attempt.at <= self.window[1]
            assert in_time or (self.allowed_until and attempt.at <= self.allowed_until), "started outside the window"
        if before.state in APPROVED_ONCE and now.state not in APPROVED_ONCE:
            self.allowed_until = None

    def _marked(self) -> int:
        with connection.cursor() as cursor:
            return int(cursor.execute(MARKED, [self.operation.pk]).fetchone()[0])

    def _is(self, who: str, attempt: Attempt, seen: Seen) -> bool:
        by, people = attempt.by, seen.people
        if who == "approver":
            return self._may_review(by, self.frozen[max(self.frozen)])
        if who == "giver":
            return self._given(seen, by, max(self.frozen))
        if who == "independent":
            return by in self._independent(seen)
        if who == "supervisor":
            own = people["author"] | people["operator"] | people["co-author"] | people["deputy"]
            named = (people["named supervisor"] & self.active) - own
            return by in named if named else by not in own and bool(self.roles[by] & {SUPERVISOR, DEVOPS})
        return by in people[who]

    def _independent(self, seen: Seen) -> set[int]:
        wrote = seen.people["author"] | seen.people["co-author"] | set(self.writers.values())
        ran = {self.hurried} | seen.people["operator"] | seen.people["deputy"] | seen.people["team"] | self.worked
        able = {pk for pk, roles in self.roles.items() if roles & {SUPERVISOR, DEVOPS}}
        return (able & self.active) - wrote - ran

    # ------------------------------------------------------------ texts (I3)

    def saved(self, attempt: Attempt, version: int) -> None:
        """A save was answered "Saved": from now on its text has to be found, and its writer is one."""
        if self.texts.get(attempt.key) == attempt.text:
            return
        assert self.changed_at.get(attempt.key, 0) <= attempt.base, "a text was overwritten that was not seen"
        late = self.owes_plan and self.seen.state == "closing"
        assert attempt.key not in BOUND or late or self.seen.state in ("draft", "changes_requested")
        self.texts[attempt.key] = attempt.text
        self.writers[attempt.key] = attempt.by
        self.changed_at[attempt.key] = version
        if attempt.key == LEVEL:
            self.level = attempt.text

    def _judge_texts(self, now: Seen) -> None:
        text = self.export()
        annex = self._marks(ANNEX)
        assert set(MARK.findall(text.decode())) == self._marks(TEXTS) - annex, "what was saved is not what is there"
        if now.state in APPROVED_ONCE and not self.owes_plan:
            assert self.marks_of_revision[max(self.frozen)] == self._marks(BOUND), "the plan changed after its approval"
        if now.final is not None:
            final = FinalText.objects.get(operation=self.operation, number=now.final)
            assert text == bytes(final.text) and final.digest == _sha(text), "what leaves is not what was signed"

    # ------------------------------------------------------------ at the end of a life

    def judge_trail(self) -> None:
        """I5 as far as one record goes: the chain holds, and its entries tell the life that the record had."""
        state, previous = "", "0" * 64
        for entry in AuditEntry.objects.order_by("number"):
            assert entry.hash == _sha(previous.encode() + entry.entry.encode())
            previous = entry.hash
            facts = json.loads(entry.entry)["facts"]
            if entry.operation_id == self.operation.pk and "after" in facts:
                assert state in ("", facts["before"]), "a state changed without an entry"
                state = facts["after"]
        assert state in ("", self.seen.state) or self.seen.state == State.IMPORTED

    def judge_history(self) -> None:
        """Every accepted text has its change, by whoever wrote it; played again they give what is there."""
        told: dict[str, str] = {}
        for change in FieldChange.objects.filter(operation=self.operation).order_by("pk"):
            assert told.get(change.key, change.before) == change.before, "a change that follows nothing"
            told[change.key] = change.after
            if change.key in TEXTS and MARK.search(change.after):
                assert change.is_plan == (change.key in BOUND)
        for key, text in self.texts.items():
            assert told.get(key, text) == text


def _stands_for(role: str, person: int, roles: Set[str], named: int | None) -> bool:
    if role == SUPERVISOR:
        return bool({SUPERVISOR, DEVOPS} & set(roles)) and named in (None, person)
    return role in roles


def _fill(frozen: Frozen, signers: Sequence[tuple[int, int, Set[str]]]) -> bool:
    """Whether ``signers`` (who, whose right it is, the roles that come with it) can fill every role of the rule."""
    return any(
        len({person for person, _right, _roles in chosen}) == len({right for _p, right, _r in chosen}) == len(chosen)
        and all(
            _stands_for(role, right, roles, frozen.supervisor)
            for role, (_person, right, roles) in zip(frozen.roles, chosen, strict=True)
        )
        for chosen in permutations(signers, len(frozen.roles))
    )


def _counts(seen: Seen) -> tuple[int, int | None, int]:
    return len(seen.decisions), seen.final, len(seen.revisions)


def _stored(digest: str, *parts: bytes | None) -> Stored:
    return digest, *(bytes(part or b"") for part in parts)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
