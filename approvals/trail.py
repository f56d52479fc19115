"""Whether what was signed still stands: every revision, final text and decision against its entry in the trail.

The chain itself is checked by ``records.audit``; here the entries, which it binds, are held against the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from django.db.models import Case, F, Model, Value, When

from approvals.amending import SIGN_OFF_ADDENDUM, TURN_DOWN_ADDENDUM
from approvals.decisions import COLUMNS, as_facts, decisions_on
from approvals.delegating import DELEGATE, END_DELEGATION
from approvals.lawful import not_lawful
from approvals.models import Decision
from approvals.rules_told import not_on_their_templates, not_ruled
from approvals.said_told import not_said
from records.audit import UNTOLD, Fault, Untold, facts_in, fault_in, reading
from records.content.addenda import digest_of_addendum
from records.content.freezing import digest_again, holds_its_text
from records.decided import Decided, DecisionKind
from records.document.digest import sha256
from records.life_cycle import Act
from records.models import Addendum, AuditEntry, FinalText, Operation, OperationTemplate, Revision, RoleHolding, State
from records.refusals import Unusable
from records.run.emergency import QUESTIONS

DECISIONS: Mapping[str, DecisionKind] = {
    Act.APPROVE: DecisionKind.APPROVE,
    Act.TAKE_BACK: DecisionKind.TAKE_BACK,
    Act.ASK_FOR_CHANGES: DecisionKind.ASK_FOR_CHANGES,
    Act.REJECT: DecisionKind.REJECT,
    Act.SIGN_AS_OPERATOR: DecisionKind.SIGN,
    Act.SIGN_OFF: DecisionKind.SIGN_OFF,
    "ratify": DecisionKind.RATIFY,
    SIGN_OFF_ADDENDUM: DecisionKind.SIGN_OFF,
    TURN_DOWN_ADDENDUM: DecisionKind.REJECT,
    "publish_template": DecisionKind.PUBLISH,
}
FREEZING = (
    Act.SUBMIT,
    Act.RESCHEDULE,
    Act.RECORD_AFTERWARDS,
    Act.EMERGENCY_START,
    Act.COMPLETE_PLAN,
    Act.AMEND,
)
# What each of these acts freezes was made by it.
MAKING = (*FREEZING, Act.SIGN_AS_OPERATOR)
# What an entry tells of its decision (``as_facts``), each where there is something to tell.
TOLD = ("decision", "role", "roles", "for", "called", "reason")
CHUNK = 200


def first_untrue() -> Fault | None:
    """The first entry, by number, that the rows contradict; else a row that no entry tells of; else None."""
    return next(_faults(), None)


def first_untrue_of(operation: Operation) -> Fault | None:
    """The first thing that is wrong with what was frozen and decided on one record, and with its own entries."""
    try:
        rows = chain(_signed(operation), _states(operation), not_on_their_templates(operation))
        return fault_in(operation) or next(rows, None)
    except Untold as untold:
        return Fault(untold.args[0], UNTOLD)


def _faults() -> Iterator[Fault]:
    yield from _signed()
    yield from _unapproved()
    yield from _without_right()
    yield from not_ruled()
    yield from _states()
    yield from not_said()
    yield from not_lawful()
    yield from not_on_their_templates()


def _signed(of: Operation | None = None) -> Iterator[Fault]:
    """What was frozen and decided, on one record or on all, otherwise than its entry tells, or told by none."""
    entries = AuditEntry.objects.filter(act__in=[*FREEZING, *DECISIONS]).order_by("number")
    entries = entries.filter(operation=of) if of else entries
    seen = _Seen()
    waiting = entries.iterator(chunk_size=CHUNK)
    while chunk := list(islice(waiting, CHUNK)):
        rows = _Rows(chunk)
        for entry in chunk:
            with reading(entry):
                wrong = rows.wrong_with(entry, seen)
            if wrong:
                yield Fault(entry.number, wrong)
    yield from seen.untold(of)


class _Seen:
    """The rows that entries told of."""

    def __init__(self) -> None:
        self.known: dict[type[Model], set[int]] = {one: set() for one in (Revision, FinalText, Addendum, Decision)}

    def add(self, row: Decided | Decision) -> None:
        """Note that an entry tells of ``row``. A template may have come with the site, which no entry tells of."""
        if type(row) in self.known:
            self.known[type(row)].add(row.pk)

    def untold(self, of: Operation | None) -> Iterator[Fault]:
        """Rows that nobody's act made. Only keys are held, however many rows there are."""
        for model, told in self.known.items():
            rows = model._default_manager.all()
            if of:
                rows = decisions_on(of) if model is Decision else rows.filter(operation=of)
            for pk in rows.order_by("pk").values_list("pk", flat=True).iterator():
                if pk not in told:
                    yield Fault(0, f"{model._meta.verbose_name} {pk} stands in the database, and no entry tells of it")


class _Rows:
    """The rows that some entries tell of, in four queries."""

    def __init__(self, entries: Iterable[AuditEntry]) -> None:
        told = [(entry.operation_id, facts_in(entry)) for entry in entries]
        operations = {pk for pk, _facts in told}
        decisions = [facts["decision"] for _pk, facts in told if isinstance(facts.get("decision"), int)]
        revisions = Revision.objects.filter(operation__in=operations).select_related("operation")
        finals = FinalText.objects.filter(operation__in=operations)
        self.revisions: dict[tuple[int | None, Any], Revision] = {
            (one.operation_id, one.number): one for one in revisions
        }
        self.finals: dict[tuple[int | None, Any], FinalText] = {(one.operation_id, one.number): one for one in finals}
        addenda = Addendum.objects.filter(operation__in=operations).select_related("operation", "final_text")
        self.addenda: dict[tuple[int | None, Any], Addendum] = {(one.operation_id, one.number): one for one in addenda}
        self.decisions = Decision.objects.select_related("template").in_bulk(decisions)
        self.fits: dict[tuple[type, int], str] = {}

    def wrong_with(self, entry: AuditEntry, seen: _Seen) -> str:
        """What the rows say otherwise than ``entry``; empty if nothing."""
        facts = facts_in(entry)
        decision = self.decisions.get(facts.get("decision", 0))
        on = self._decided_on(entry, facts, decision)
        if on is None:
            return "what was decided on is missing"
        seen.add(on)
        if wrong := self._bytes(on):
            return wrong
        if on.digest != facts.get("digest"):
            return "its digest is not that of what stands in the database"
        if entry.act in MAKING and not _made(on, entry, facts):
            return "who made what it tells of, when, or with which words stands otherwise"
        if entry.act not in DECISIONS:
            return ""
        if decision is None:
            return "its decision is missing"
        seen.add(decision)
        return "" if _says(decision, entry, facts, on) else "its decision says something else"

    def _decided_on(self, entry: AuditEntry, facts: Mapping[str, Any], decision: Decision | None) -> Decided | None:
        if entry.operation_id is None:
            return decision.template if decision else None
        if "addendum" in facts:
            return self.addenda.get((entry.operation_id, facts["addendum"]))
        if "final_text" in facts:
            return self.finals.get((entry.operation_id, facts["final_text"]))
        return self.revisions.get((entry.operation_id, facts.get("revision")))

    def _bytes(self, on: Decided) -> str:
        key = type(on), on.pk
        if key not in self.fits:
            self.fits[key] = _wrong_bytes(on)
        return self.fits[key]


def _made(on: Decided, entry: AuditEntry, facts: Mapping[str, Any]) -> bool:
    """Whether a frozen text says of itself what its entry tells: who, when, the note; of a final text how it is keyed,
    which its digest doesn't bind. The first release's entries told neither note nor that.
    """
    by = entry.person_id, entry.at
    if isinstance(on, Revision):
        note = facts.get("note", on.note if entry.act == Act.SUBMIT else "")
        return (on.submitted_by_id, on.submitted_at, on.note) == (*by, note)
    if isinstance(on, FinalText):
        content = sha256(bytes(on.content))
        return (on.frozen_by_id, on.frozen_at, content) == (*by, facts.get("content", content))
    return not isinstance(on, Addendum) or (on.written_by_id, on.written_at) == by


def _says(decision: Decision, entry: AuditEntry, facts: Mapping[str, Any], on: Decided) -> bool:
    """Whether the decision is the one that the entry tells of, in everything that it tells."""
    called = facts.get("called", entry.person_name)
    told = (DECISIONS[entry.act], entry.person_id, called, entry.at, facts["digest"], on.pk)
    stands = (decision.kind, decision.person_id, decision.person_name, decision.at, decision.digest)
    is_on = getattr(decision, f"{COLUMNS[type(on)]}_id")
    # The first release's entries tell less, and never the roles; what they tell has to be so.
    early, own = "roles" not in facts, as_facts(decision)
    same = all(facts.get(name) == own.get(name) for name in TOLD if name in facts or not early)
    return same and told == (*stands, is_on)


def _wrong_bytes(on: Decided) -> str:
    """What is wrong with stored bytes; empty if they are what their digest says."""
    if isinstance(on, OperationTemplate):
        return ""  # its digest is computed, and compared with the entry's
    if isinstance(on, Addendum):
        return (
            "" if digest_of_addendum(on) == on.digest else f"the stored bytes of {_called(on)} don't fit their digest"
        )
    try:
        holds = holds_its_text(on)
        digest = digest_again(on) if isinstance(on, Revision) else sha256(bytes(on.text))
        fits = digest == on.digest and holds
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError, Unusable):
        return f"the stored content of {_called(on)} can't be read"
    return "" if fits else f"the stored bytes of {_called(on)} don't fit their digest"


def _called(on: Revision | FinalText | Addendum) -> str:
    return f"{on._meta.verbose_name} {on.number}"


def _unapproved() -> Iterator[Fault]:
    """Records that no longer say that nobody approved them, or say it in other words than were said then."""
    entries = AuditEntry.objects.filter(act__in=[Act.EMERGENCY_START, Act.RECORD_AFTERWARDS]).order_by("number")
    for entry in entries.select_related("operation").iterator(chunk_size=CHUNK):
        own, facts = entry.operation, facts_in(entry)
        if own is None:
            continue
        said = own.emergency if entry.act == Act.EMERGENCY_START else {"reason": own.afterwards_reason}
        names = QUESTIONS if entry.act == Act.EMERGENCY_START else ["reason"]
        with reading(entry):
            differs = any(said.get(name) != facts.get(name) for name in names)
        if differs:
            yield Fault(entry.number, f"record {own.pk} says something else of why nobody approved it")


def _without_right() -> Iterator[Fault]:
    """Decisions in a role that no row says was held by then: holdings end by their date, they are never deleted. And
    those in the place of somebody who had not handed that on by then, or not until that day, or had ended it.
    """
    until: dict[tuple[int, int], str] = {}
    since: dict[tuple[int, str], str] = {}
    for held in RoleHolding.objects.order_by("-since"):
        since[held.person_id, held.role] = held.since.isoformat()
    entries = AuditEntry.objects.filter(act__in=[DELEGATE, END_DELEGATION, *DECISIONS]).order_by("number")
    for entry in entries.iterator(chunk_size=2000):
        with reading(entry):
            facts, by = facts_in(entry), entry.person_id or 0
            if entry.act == DELEGATE:
                until[by, facts["to"]] = facts["until"]
            elif entry.act == END_DELEGATION:
                until.pop((facts["for"], facts["to"]), None)
            if entry.act not in DECISIONS:
                continue
            day, whose = entry.at.date().isoformat(), facts.get("for", by)
            if whose != by and until.get((whose, by), "") < day:
                yield Fault(entry.number, f"{entry.person_name} decided for somebody who had not handed that on")
            if lacking := [role for role in facts.get("roles", ()) if day < since.get((whose, role), "~")]:
                yield Fault(entry.number, f"{entry.person_name} decided in a role that nobody held then: {lacking[0]}")


def _states(of: Operation | None = None) -> Iterator[Fault]:
    """Records whose state is not the one that their last act led to, or whose end is not the one that was signed."""
    last: dict[int, tuple[int, str]] = {}
    signed: dict[int, tuple[int, Any, Any]] = {}
    moves = AuditEntry.objects.filter(act__in=[str(act) for act in Act], operation__isnull=False)
    moves = moves.filter(operation=of) if of else moves
    for entry in moves.order_by("number").iterator(chunk_size=2000):
        pk, facts = entry.operation_id or 0, facts_in(entry)
        if after := facts.get("after"):
            last[pk] = entry.number, after
        if entry.act == Act.SIGN_AS_OPERATOR:
            signed[pk] = entry.number, facts.get("outcome"), facts.get("final_text")
        elif entry.act == Act.REOPEN_RUN:
            signed.pop(pk, None)
    # Another record's final text is none of its own, whatever its number.
    own = When(final_text__operation=F("pk"), then=F("final_text__number"))
    final_text = Case(When(final_text=None, then=None), own, default=Value(0))
    records = Operation.objects.filter(pk=of.pk) if of else Operation.objects.all()
    rows = records.order_by("pk").values_list("pk", "state", "outcome", final_text)
    for pk, state, outcome, final in rows.iterator():
        number, *told = signed.get(pk, (0, None, None))
        if any(said not in (None, now) for said, now in zip(told, (outcome, final), strict=True)):
            yield Fault(number, f"record {pk} has another outcome or final text now than its operator signed")
        number, after = last.get(pk, (0, State.DRAFT))
        if state != after and not (number == 0 and state == State.IMPORTED):
            yield Fault(number, f"record {pk} is “{state}” now, which no act made it: the last one led to “{after}”")
