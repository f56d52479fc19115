"""The audit trail: written in the transaction of the act, each entry chained to the one before, and verified."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, QuerySet, Subquery

from records.audit_links import Unreadable, links_of, told_by
from records.audit_told import UNREADABLE, is_plain, wrong_with
from records.composed import Asked, Kept
from records.document.digest import canonical_json, sha256
from records.models import AuditEntry, AuditHead, Operation, Person
from records.refusals import Unusable

# How an entry is spelled. The first release left out which entry of its record it follows.
SCHEMA = 2
START = "0" * 64


@dataclass(frozen=True, slots=True)
class Fault:
    """The first entry at which the chain is wrong, and what is wrong with it."""

    number: int
    reason: str

    def __str__(self) -> str:
        return f"Entry {self.number}: {self.reason}" if self.number else self.reason[:1].upper() + self.reason[1:]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A number and its hash, kept elsewhere: what shows that the end of the chain was cut or rewritten."""

    number: int
    hash: str


def ensure_head() -> None:
    """Make the one row where the chain ends; done once, after the tables are made."""
    AuditHead.objects.get_or_create(pk=1)


def record(act: str, *, operation: Operation | None, person: Person, at: dt.datetime, **facts: Any) -> AuditEntry:
    """Add an entry in the current transaction: ``act`` by ``person`` on ``operation``, with ``facts`` (JSON-ready).

    The head row is locked, so numbers have no gap and entries of two processes never share one. It says which entry of
    the record it ``follows`` (its hash): the last one binds them all, also where the others of the site aren't told.
    So whoever tells of a record has it locked (``life_cycle.lock``), or has just made it.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An audit entry is written in the transaction of its act.")
    head = _head.get(operation=operation.pk if operation else 0)
    number = head.number + 1
    text = canonical_json(
        {
            "schema": SCHEMA,
            "number": number,
            "act": str(act),
            "at": at.astimezone(dt.UTC).isoformat(),
            "operation": operation.pk if operation else None,
            "reference": operation.reference if operation else None,
            "follows": head.follows,
            "person": person.pk,
            "person_name": str(person),
            "facts": facts,
        }
    ).decode()
    entry = AuditEntry.objects.create(
        number=number,
        operation=operation,
        at=at,
        person=person,
        person_name=str(person),
        act=str(act),
        entry=text,
        hash=chained(head.hash, text),
    )
    AuditHead.objects.filter(pk=1).update(number=number, hash=entry.hash)
    return entry


def _of_record() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(operation=Asked("operation")).order_by("-number")


# Where the chain ends, with the hash that the next entry of a record ``follows``; none of the site's.
_head: Kept[Any] = Kept(
    lambda: (
        AuditHead.objects.select_for_update(of=("self",))
        .annotate(follows=Subquery(_of_record().values("hash")[:1]))
        .filter(pk=1)
    )
)
_newest = Kept(lambda: _of_record()[:1])


def chained(previous: str, text: str) -> str:
    """The hash of an entry: SHA-256 over the previous hash and the exact stored text."""
    return sha256(previous.encode() + text.encode())


def newest(operation: Operation) -> AuditEntry | None:
    """The record's newest entry."""
    return _newest.first(operation=operation.pk)


def facts_in(entry: AuditEntry) -> Mapping[str, Any]:
    """The facts of an entry."""
    facts: Mapping[str, Any] = json.loads(entry.entry)["facts"]
    return facts


UNTOLD = "no act tells what it tells"


class Untold(Exception):
    """The number of an entry with facts that no act tells."""


@contextmanager
def reading(entry: AuditEntry) -> Iterator[None]:
    """Around whatever holds ``entry`` against what it tells of: somebody may have chained one that makes no sense."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError, Unusable) as error:
        raise Untold(entry.number) from error


_others: list[Callable[[], Fault | None]] = []


def also_verify(other: Callable[[], Fault | None]) -> None:
    """Have ``verify`` hold the entries against what they tell of: said once, while the site starts."""
    _others.append(other)


def verify(anchors: Sequence[Anchor] = ()) -> Fault | None:
    """Check every link of the chain, what stands in each entry, then everything that they tell of; None if all is well.

    The first entry at fault is named, whichever of the first two finds it.
    """
    if fault := _first(verify_chain(anchors), verify_told()):
        return fault
    try:
        return next((fault for check in _others if (fault := check())), None)
    except Untold as untold:
        return Fault(untold.args[0], UNTOLD)


def _first(*faults: Fault | None) -> Fault | None:
    return min((fault for fault in faults if fault), key=lambda fault: fault.number, default=None)


def verify_chain(anchors: Sequence[Anchor] = ()) -> Fault | None:
    """Check every link from the first entry to the head: number, text, hash; None if all is well. Streams, however long
    the chain is.

    ``anchors`` were noted earlier, and kept where nobody rewrites the database.
    """
    noted: dict[int, set[str]] = defaultdict(set)
    for anchor in anchors:
        noted[anchor.number].add(anchor.hash)
    head = AuditHead.objects.filter(pk=1).first()
    if head is None:
        return Fault(0, "the row that says where the chain ends is missing")
    previous, number = START, 0
    try:
        for own, text, stored in links_of(AuditEntry.objects.filter(number__lte=head.number)):
            number += 1
            if own != number:
                return Fault(number, f"missing: {own} follows {number - 1}")
            if not _fits(text, stored, previous):
                return _misfit(number, text)
            if number in noted and noted[number] != {stored}:
                return Fault(number, "rewritten: its hash is not the one of the anchor kept elsewhere")
            previous = stored
    except Unreadable as unreadable:
        return Fault(unreadable.args[0], UNREADABLE)
    if number < head.number:
        return Fault(number + 1, f"missing: the chain is cut here, it once went on to {head.number}")
    if previous != head.hash:
        return Fault(number, "not the end that was noted: its hash differs")
    if (last := max(noted, default=0)) > number:
        return Fault(number + 1, f"missing: the anchor kept elsewhere names {last}")
    return _fault_after()


def verify_told() -> Fault | None:
    """Check of every entry that its text can be read, in one way, and that the columns beside it say the same; None if
    all is well. Whether it is the text that was chained, ``verify_chain`` says. Streams.
    """
    return _untrue(AuditEntry.objects.all())


def fault_in(operation: Operation) -> Fault | None:
    """The first of the record's own entries that isn't what was chained: asked where the whole trail takes too long."""
    entries = AuditEntry.objects.filter(operation=operation)
    try:
        own = list(links_of(entries))
    except Unreadable as unreadable:
        return Fault(unreadable.args[0], UNREADABLE)
    hashes = AuditEntry.objects.filter(number__in=[number - 1 for number, *_rest in own])
    before = dict(hashes.values_list("number", "hash"))
    misfits = (_misfit(*link[:2]) for link in own if not _fits(*link[1:], before.get(link[0] - 1, START)))
    if fault := _first(next(misfits, None), _untrue(entries)):
        return fault
    follows = None
    for number, text, stored in own:
        told = json.loads(text)
        if told["schema"] > 1 and told["follows"] != follows:
            return Fault(number, "does not follow the one of the record before it")
        follows = stored
    return None


def _fault_after() -> Fault | None:
    # Entries first, the head second: what was added meanwhile in good order moved the head too.
    last = AuditEntry.objects.aggregate(last=Max("number"))["last"] or 0
    end = AuditHead.objects.get(pk=1).number
    return Fault(last, "stands after the end of the chain") if last > end else None


def _fits(text: str, stored: str, previous: str) -> bool:
    """Whether the entry follows ``previous``: its hash is over that and its own text; SQLite may keep bytes in a column
    for text."""
    return isinstance(text, str) and stored == hashlib.sha256(previous.encode() + text.encode()).hexdigest()


def _misfit(number: int, text: str) -> Fault:
    changed = "changed, or not the entry that followed: its hash does not fit its text"
    return Fault(number, changed if isinstance(text, str) else UNREADABLE)


def _untrue(entries: QuerySet[AuditEntry]) -> Fault | None:
    try:
        for entry in told_by(entries):
            if not is_plain(entry) and (reason := wrong_with(entry)):
                return Fault(entry[0], reason)
    except Unreadable as unreadable:
        return Fault(unreadable.args[0], UNREADABLE)
    return None
