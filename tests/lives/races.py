"""Two processes that do two acts to one record in the same moment: afterwards it looks as if one had come first."""

from __future__ import annotations

import multiprocessing as mp
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from django.db import connections, transaction

from approvals import actions
from approvals.models import Decision
from records import audit
from records.models import AuditEntry, Operation, Person, RoleHolding, State
from records.writing.saving import save_section
from tests import make
from tests.lives.by_acts import REFUSALS
from tests.people import PASSWORD, SINCE, Cast

FORK = mp.get_context("fork")
PATIENCE = 60
AT = make.PLANNED
FIELD = "operation-summary/business-impact/user-experience"


def approve(pk: int, by: str, digest: str) -> None:
    actions.approve(Operation.objects.get(pk=pk), digest=digest, password=PASSWORD, by=_person(by), at=AT)


def withdraw(pk: int, by: str) -> None:
    actions.withdraw(Operation.objects.get(pk=pk), by=_person(by), at=AT)


def submit(pk: int, by: str) -> None:
    actions.submit(Operation.objects.get(pk=pk), by=_person(by), at=AT)


def save(pk: int, by: str, version: int, text: str) -> None:
    values = {FIELD: text}
    operation = Operation.objects.get(pk=pk)
    section = FIELD.split("/")[0]
    save_section(operation=operation, key=section, version=version, values=values, by=_person(by), at=AT)


def demote(pk: int, who: str) -> None:
    """The role goes, and the trail says when."""
    with transaction.atomic():
        RoleHolding.objects.filter(person=_person(who)).delete()
        audit.record("demoted", operation=None, person=_person(who), at=AT)


def _person(name: str) -> Person:
    return Person.objects.get(username=name)


DEEDS: dict[str, Callable[..., None]] = {one.__name__: one for one in (approve, withdraw, submit, save, demote)}
Deed = tuple[str, dict[str, Any]]


def _runner(orders: Connection, start: Barrier) -> None:
    """A process that does what it is told, when the other one is ready too."""
    while (order := orders.recv()) is not None:
        name, facts = order
        start.wait(PATIENCE)
        try:
            DEEDS[name](**facts)
            orders.send(("done", ""))
        except REFUSALS as refusal:
            orders.send(("refused", f"{type(refusal).__name__}: {refusal}"))
        except Exception as error:
            orders.send((repr(error), ""))
    _let_go()


def _let_go() -> None:
    for connection in connections.all():
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()  # type: ignore[attr-defined]


class Two:
    """Two processes with connections of their own."""

    def __init__(self) -> None:
        self.start, self.lines, self.runners = FORK.Barrier(2), [], []
        self.words: list[str] = []
        _let_go()  # a child that inherited a connection would speak into it
        for _ in range(2):
            ours, theirs = FORK.Pipe()
            runner = FORK.Process(target=_runner, args=(theirs, self.start), daemon=True)
            runner.start()
            self.lines.append(ours)
            self.runners.append(runner)

    def race(self, *deeds: Deed) -> list[str]:
        """What became of each of the two; ``words`` are their refusals."""
        for line, deed in zip(self.lines, deeds, strict=True):
            line.send(deed)
        answers = []
        for line in self.lines:
            assert line.poll(PATIENCE), "somebody waits for ever"
            answers.append(line.recv())
        self.words = [words for _, words in answers]
        answers = [answer for answer, _ in answers]
        assert set(answers) <= {"done", "refused"}, answers
        return answers

    def stop(self) -> None:
        for line, runner in zip(self.lines, self.runners, strict=True):
            line.send(None)
            runner.join(PATIENCE)


@contextmanager
def two() -> Iterator[Two]:
    pair = Two()
    try:
        yield pair
    finally:
        pair.stop()


@dataclass
class Races:
    """Races over one record of Mara's, which is brought back into review (or into a draft) before each."""

    pair: Two
    cast: Cast
    pk: int
    run: int = 0

    def __post_init__(self) -> None:
        self.happened: Counter[str] = Counter()

    def _ready(self, state: State) -> tuple[Operation, int]:
        """The record in ``state``, with no approval that counts; and the number of the last entry of the trail."""
        own = Operation.objects.get(pk=self.pk)
        if own.state == State.APPROVED:
            counted = [one.pk for one in self._decisions(own)]
            actions.change_plan(own, voids=counted, by=self.cast.mara, at=AT)
        elif own.state == State.IN_REVIEW:
            actions.withdraw(own, by=self.cast.mara, at=AT)
        if state == State.IN_REVIEW:
            actions.submit(make.fresh(own), by=self.cast.mara, at=AT)
        newest = AuditEntry.objects.order_by("-number").first()
        self.run += 1
        return make.fresh(own), newest.number if newest else 0

    def _decisions(self, operation: Operation) -> list[Decision]:
        return list(Decision.objects.filter(revision=operation.revisions.order_by("-number").first(), kind="approve"))

    def _trail(self, after: int) -> list[str]:
        return list(AuditEntry.objects.filter(number__gt=after).order_by("number").values_list("act", flat=True))

    def _digest(self, operation: Operation) -> str:
        return operation.revisions.order_by("-number")[0].digest

    def withdraw_and_approve(self) -> None:
        operation, before = self._ready(State.IN_REVIEW)
        seen = {"pk": self.pk, "by": "tomas", "digest": self._digest(operation)}
        withdrawn, approved = self.pair.race(("withdraw", {"pk": self.pk, "by": "mara"}), ("approve", seen))
        done = [act for act in self._trail(before) if act in ("withdraw", "approve")]
        now = make.fresh(operation).state
        assert (withdrawn, now) == ("done", State.DRAFT), (now, self.pair.words, self._trail(before))
        assert done == (["approve", "withdraw"] if approved == "done" else ["withdraw"])
        assert len(self._decisions(operation)) == (approved == "done")
        self.happened[f"withdraw, approve {approved}"] += 1

    def two_approve(self) -> None:
        operation, _ = self._ready(State.IN_REVIEW)
        digest = self._digest(operation)
        both = [("approve", {"pk": self.pk, "by": name, "digest": digest}) for name in ("tomas", "ada")]
        assert self.pair.race(*both) == ["done", "done"]
        assert make.fresh(operation).state == State.APPROVED and len(self._decisions(operation)) == 2
        self.happened["two approve"] += 1

    def one_approves_twice(self) -> None:
        operation, _ = self._ready(State.IN_REVIEW)
        same = ("approve", {"pk": self.pk, "by": "ada", "digest": self._digest(operation)})
        assert "done" in self.pair.race(same, same)
        assert make.fresh(operation).state == State.IN_REVIEW and len(self._decisions(operation)) == 1
        self.happened["one approves twice"] += 1

    def demote_and_approve(self) -> None:
        operation, before = self._ready(State.IN_REVIEW)
        seen = {"pk": self.pk, "by": "ada", "digest": self._digest(operation)}
        try:
            _, approved = self.pair.race(("demote", {"pk": self.pk, "who": "ada"}), ("approve", seen))
        finally:
            RoleHolding.objects.create(person=self.cast.ada, role="infrastructure_approver", since=SINCE)
        done = [act for act in self._trail(before) if act in ("demoted", "approve")]
        assert done == (["approve", "demoted"] if approved == "done" else ["demoted"])
        self.happened[f"demote, approve {approved}"] += 1

    def save_and_submit(self) -> None:
        operation, _ = self._ready(State.DRAFT)
        text = f"mark-{self.run:06d}"
        version = operation.sections.get(key=FIELD.split("/")[0]).version
        stale = {"pk": self.pk, "by": "carl", "version": version, "text": text}
        saved, submitted = self.pair.race(("save", stale), ("submit", {"pk": self.pk, "by": "mara"}))
        revision = operation.revisions.order_by("-number")[0]
        assert submitted == "done" and (text.encode() in bytes(revision.plan_text)) == (saved == "done")
        now = make.fresh(operation).sections.get(key=FIELD.split("/")[0]).answers[FIELD]
        assert (now == text) == (saved == "done")
        self.happened[f"submit, save {saved}"] += 1

    KINDS = (withdraw_and_approve, two_approve, one_approves_twice, demote_and_approve, save_and_submit)


def race(cast: Cast, pk: int, rounds: int) -> Counter[str]:
    """Every kind of race, ``rounds`` times; how each ended."""
    with two() as pair:
        races = Races(pair, cast, pk)
        for _ in range(rounds):
            for kind in Races.KINDS:
                kind(races)
    assert audit.verify() is None
    return races.happened
